import { run } from '../scripts/bootstrap/program.mjs';

/** The two machines: where the client of a tunnel runs, and where its server runs; one without a wire; and two without a tunnel. */
export const namespaces = {
  client: 'bench-client',
  server: 'bench-server',
  other: 'bench-other',
  plainClient: 'bench-plain-client',
  plainServer: 'bench-plain-server',
};

/** @typedef {keyof typeof namespaces} Side */

/**
 * Two machines that talk to each other.
 * @typedef {{ readonly client: Side, readonly server: Side }} Ends
 */

/** The ends of a tunnel. @type {Ends} */
export const tunnelEnds = { client: 'client', server: 'server' };

/** The ends of a wire without a tunnel; the veth pair does not join them. @type {Ends} */
export const plainEnds = { client: 'plainClient', server: 'plainServer' };

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
  for (const name of Object.values(namespaces)) await ip('-n', name, 'link', 'set', 'lo', 'up');
  for (const side of /** @type {const} */ (['client', 'server'])) {
    await ip('-n', namespaces[side], 'addr', 'add', `${outer[side]}/24`, 'dev', 'wire');
    await ip('-n', namespaces[side], 'link', 'set', 'wire', 'up');
  }
}

/** @param {...string} args */
export const ip = (...args) => mustRun('ip', args);

/**
 * Arguments of `ip` that run a program inside.
 * @param {Side} side
 * @param {readonly string[]} command
 */
export const inside = (side, command) => ['netns', 'exec', namespaces[side], ...command];
