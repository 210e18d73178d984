import { run } from '../scripts/bootstrap/program.mjs';

/** The two machines: where the client of a tunnel runs, and where its server runs; and one without a wire. */
export const namespaces = { client: 'bench-client', server: 'bench-server', other: 'bench-other' };

/** Outer addresses. */
export const outer = { client: '192.0.2.2', server: '192.0.2.1' };

/**
 * Runs a program that has to succeed; returns its output.
 * @param {string} name
 * @param {readonly string[]} args
 */
export async function mustRun(name, args) {
  const { code, output } = await run(name, args);
  if (code !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${code}: ${output}`);
  return output;
}

/** Makes two namespaces joined by a veth pair with MTU 1500. */
export async function makeNetwork() {
  await mustRun('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
  for (const name of Object.values(namespaces)) await ip('netns', 'add', name);
  await ip(
    'link',
    'add',
    'wire',
    'netns',
    namespaces.client,
    'type',
    'veth',
    'peer',
    'name',
    'wire',
    'netns',
    namespaces.server,
  );
  await ip('-n', namespaces.other, 'link', 'set', 'lo', 'up');
  for (const side of /** @type {const} */ (['client', 'server'])) {
    await ip('-n', namespaces[side], 'addr', 'add', `${outer[side]}/24`, 'dev', 'wire');
    for (const link of ['lo', 'wire']) await ip('-n', namespaces[side], 'link', 'set', link, 'up');
  }
}

/** @param {...string} args */
export const ip = (...args) => mustRun('ip', args);

/**
 * Arguments of `ip` that run a program inside.
 * @param {keyof typeof namespaces} side
 * @param {readonly string[]} command
 */
export const inside = (side, command) => ['netns', 'exec', namespaces[side], ...command];
