import { appendFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inRepository } from '../../scripts/bootstrap/repository.mjs';
import { callApi } from '../administration.mjs';
import { eventually, start } from '../daemon.mjs';
import { mustRun, outer } from '../network.mjs';
import { makeIdentities } from '../sessions/identities.mjs';

const program = [process.execPath, inRepository('packages', 'cli', 'bin', 'masque-vpn.js')];
/** Of the default pool: the server itself. */
const gateway = '10.89.0.1';
const opener = fileURLToPath(new URL('../sessions/open.mjs', import.meta.url));

/**
 * @typedef {object} Variant
 * @property {string} name
 * @property {readonly string[]} serverFlags of Node.js, for the server's process
 * @property {'bbr' | 'adaptive'} congestionControl of both ends
 * @property {readonly string[]} settings lines of further sections of the server's configuration
 * @property {number | null} workers of the server; null: as it comes
 */

/** @type {Variant} */
const defaults = {
  name: 'masque-vpn',
  serverFlags: [],
  congestionControl: 'adaptive',
  settings: [],
  workers: null,
};

/**
 * This project. Only the tunnel's own network is routed into it, and loads run on the server itself.
 * @param {Partial<Variant>} [changes]
 * @returns {import('./peer.mjs').Peer}
 */
export const masqueVpnWith = (changes) => peerOf({ ...defaults, ...changes });

/** As it comes. */
export const masqueVpn = masqueVpnWith();

/** With the library's congestion control. */
export const bbr = masqueVpnWith({ name: 'masque-vpn-bbr', congestionControl: 'bbr' });

/** @param {Variant} variant @returns {import('./peer.mjs').Peer} */
function peerOf(variant) {
  return {
    name: variant.name,
    build: async () => null,
    serve: async (directory) => {
      const daemon = await serve(directory, variant);
      const profile = join(directory, 'bench.toml');
      if (!existsSync(profile)) {
        await admin(directory, ['client', 'add', 'bench', '--out', profile]);
        const own = `congestion_control = "${variant.congestionControl}"`;
        appendFileSync(profile, `\n[tunnel]\nroutes = ["10.89.0.0/16"]\n${own}\n`);
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
        const making = await serve(directory, variant);
        // What a server of 10,000 clients needs in memory for them is no session's; only a fresh process shows that.
        await makeIdentities(socketOf(directory), most, file).finally(making.stop);
      }
      return {
        daemon: await serve(directory, variant),
        admit: async () => undefined,
        command: (sessions, then) => [
          ...[process.execPath, opener, outer.server, file, String(sessions), '8', then],
        ],
      };
    },
  };
}

/** @param {string} directory */
const socketOf = (directory) => join(directory, 'run', 'admin.sock');

/**
 * Starts a server and waits until it answers.
 * @param {string} directory
 * @param {Variant} variant
 */
async function serve(directory, { serverFlags, congestionControl, settings, workers }) {
  mkdirSync(directory, { recursive: true });
  const config = join(directory, 'server.toml');
  writeFileSync(
    config,
    [
      '[server]',
      `host = "${outer.server}"`,
      `state_dir = "${join(directory, 'state')}"`,
      `runtime_dir = "${join(directory, 'run')}"`,
      '[tunnel]',
      `congestion_control = "${congestionControl}"`,
      ...(workers === null ? [] : [`workers = ${workers}`]),
      '[network]',
      'host_access = true',
      ...settings,
      '',
    ].join('\n'),
    { mode: 0o600 },
  );
  rmSync(socketOf(directory), { force: true });
  const [node = '', ...script] = program;
  const daemon = start('server', [node, ...serverFlags, ...script, 'server', '--config', config]);
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
