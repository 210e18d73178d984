import { appendFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inRepository } from '../../scripts/bootstrap/repository.mjs';
import { callApi } from '../administration.mjs';
import { eventually, start } from '../daemon.mjs';
import { mustRun, outer } from '../network.mjs';
import { makeIdentities } from '../sessions/identities.mjs';

const program = [process.execPath, inRepository('packages', 'cli', 'dist', 'bin.js')];
/** Of the default pool: the server itself. */
const gateway = '10.89.0.1';
const opener = fileURLToPath(new URL('../sessions/open.mjs', import.meta.url));

/**
 * This project. Only the tunnel's own network is routed into it, and loads run on the server itself.
 * @param {readonly string[]} [serverFlags] of Node.js, for the server's process
 * @returns {import('./peer.mjs').Peer}
 */
export const masqueVpnWith = (serverFlags = []) => ({
  name: 'masque-vpn',
  build: async () => null,
  serve: async (directory) => {
    const daemon = await serve(directory, serverFlags);
    const profile = join(directory, 'bench.toml');
    if (!existsSync(profile)) {
      await admin(directory, ['client', 'add', 'bench', '--out', profile]);
      appendFileSync(profile, '\n[tunnel]\nroutes = ["10.89.0.0/16"]\n');
    }
    return { address: gateway, daemon };
  },
  connect: async (directory) =>
    start('client', [
      ...[...program, 'connect', join(directory, 'bench.toml')],
      ...['--state-dir', join(directory, 'client'), '--runtime-dir', join(directory, 'client-run')],
    ]),
  sessions: async (directory, most) => {
    const file = join(directory, `identities-${most}.json`);
    if (!existsSync(file)) {
      const making = await serve(directory, serverFlags);
      // What a server of 10,000 clients needs in memory for them is no session's; only a fresh process shows that.
      await makeIdentities(socketOf(directory), most, file).finally(making.stop);
    }
    return {
      daemon: await serve(directory, serverFlags),
      admit: async () => undefined,
      command: (sessions, then) => [
        ...[process.execPath, opener, outer.server, file, String(sessions), '8', then],
      ],
    };
  },
});

export const masqueVpn = masqueVpnWith();

/** @param {string} directory */
const socketOf = (directory) => join(directory, 'run', 'admin.sock');

/**
 * Starts a server and waits until it answers.
 * @param {string} directory
 * @param {readonly string[]} flags
 */
async function serve(directory, flags) {
  mkdirSync(directory, { recursive: true });
  const config = join(directory, 'server.toml');
  writeFileSync(
    config,
    [
      '[server]',
      `host = "${outer.server}"`,
      `state_dir = "${join(directory, 'state')}"`,
      `runtime_dir = "${join(directory, 'run')}"`,
      '[network]',
      'host_access = true',
      '',
    ].join('\n'),
    { mode: 0o600 },
  );
  rmSync(socketOf(directory), { force: true });
  const [node = '', ...script] = program;
  const daemon = start('server', [node, ...flags, ...script, 'server', '--config', config]);
  try {
    await eventually('server', async () => {
      const { status } = await callApi(socketOf(directory), 'GET', '/api/v1/status').catch((error) => {
        throw new Error(`${error}\n${daemon.output()}`);
      });
      if (status !== 200) throw new Error(`${status} ${daemon.output()}`);
    });
  } catch (error) {
    await daemon.stop();
    throw error;
  }
  return daemon;
}

/** @param {string} directory @param {readonly string[]} args */
const admin = (directory, args) =>
  mustRun(program[0] ?? '', [...program.slice(1), 'admin', '--socket', socketOf(directory), ...args]);
