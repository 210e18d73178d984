import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../scripts/bootstrap/program.mjs';
import { inRepository } from '../../scripts/bootstrap/repository.mjs';
import { eventually, start } from '../daemon.mjs';
import { inside, mustRun, outer } from '../network.mjs';

const program = [process.execPath, inRepository('packages', 'cli', 'dist', 'bin.js')];
const gateway = '10.89.0.1';

/**
 * This project. Only the tunnel's own network is routed into it, and iperf3 runs on the server itself.
 * @param {readonly string[]} serverFlags of Node.js, for the server's process
 * @returns {import('./peers.mjs').Peer}
 */
export const masqueVpnWith = (...serverFlags) => ({
  name: 'masque-vpn',
  up: async (directory) => {
    mkdirSync(directory, { recursive: true });
    const socket = join(directory, 'run', 'admin.sock');
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
    );
    const [node = '', ...script] = program;
    const server = start('server', [node, ...serverFlags, ...script, 'server', '--config', config]);
    const profile = join(directory, 'bench.toml');
    await eventually('server', () => addClient(socket, profile).catch((error) => rethrow(error, server)));
    const client = start('client', [
      ...[...program, 'connect', profile],
      ...['--state-dir', join(directory, 'client'), '--runtime-dir', join(directory, 'client-run')],
    ]);
    await eventually('tunnel', () =>
      mustRun('ip', inside('client', ['ping', '-n', '-c', '1', '-W', '1', gateway])).catch((error) =>
        rethrow(error, client),
      ),
    );
    return {
      serverAddress: gateway,
      pids: [client.pid, server.pid],
      down: async () => {
        await client.stop();
        await server.stop();
      },
    };
  },
});

export const masqueVpn = masqueVpnWith();

/** @param {string} socket @param {string} profile */
async function addClient(socket, profile) {
  if (hasProfile(profile)) {
    const { code, output } = await run(program[0] ?? '', [
      ...program.slice(1),
      'admin',
      '--socket',
      socket,
      'status',
    ]);
    if (code !== 0) throw new Error(output);
    return;
  }
  await mustRun(program[0] ?? '', [
    ...program.slice(1),
    ...['admin', '--socket', socket, 'client', 'add', 'bench', '--out', profile],
  ]);
  appendFileSync(profile, '\n[tunnel]\nroutes = ["10.89.0.0/16"]\n');
}

/** @param {string} profile */
function hasProfile(profile) {
  try {
    return readFileSync(profile, 'utf8').includes('routes = ');
  } catch {
    return false;
  }
}

/** @param {unknown} error @param {import('../daemon.mjs').Daemon} daemon @returns {never} */
function rethrow(error, daemon) {
  throw new Error(`${error}\n${daemon.output()}`);
}
