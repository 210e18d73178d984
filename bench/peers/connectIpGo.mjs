import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, start } from '../daemon.mjs';
import { inside, mustRun, outer } from '../network.mjs';
import { buildGoPrograms, goProgram } from './goPrograms.mjs';

const pool = '10.9.0.1/16';
const listen = `${outer.server}:4433`;

/**
 * The least that makes a VPN of quic-go/connect-ip-go: peers/go/connectIpGo.
 * @type {import('./peer.mjs').Peer}
 */
export const connectIpGo = {
  name: 'connect-ip-go',
  build: buildGoPrograms,
  serve: async (directory) => ({ address: '10.9.0.1', daemon: await serve(directory) }),
  connect: async (directory) =>
    start('client', [goProgram('connectIpGo'), 'client', directory, listen, 'cipgoc']),
  sessions: async (directory) => ({
    daemon: await serve(directory),
    admit: async () => undefined,
    command: (count, then) => [
      ...[goProgram('connectIpGo'), 'sessions', directory, listen, String(count), '8', then],
    ],
  }),
};

/** @param {string} directory */
async function serve(directory) {
  if (!existsSync(join(directory, 'client.pem'))) {
    mkdirSync(directory, { recursive: true });
    await mustRun(goProgram('connectIpGo'), ['certificates', directory]);
  }
  const daemon = start('server', [goProgram('connectIpGo'), 'proxy', directory, listen, 'cipgos', pool]);
  await eventually(
    'connect-ip-go',
    async () => {
      const listening = await mustRun('ip', inside('server', ['ss', '-Hlun', 'sport = 4433']));
      if (listening.trim() === '') throw new Error(daemon.output());
    },
    { everyMs: 20 },
  );
  return daemon;
}
