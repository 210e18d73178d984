import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { start } from '../daemon.mjs';
import { ip, mustRun, namespaces, outer } from '../network.mjs';
import { buildGoPrograms, goProgram } from './goPrograms.mjs';
import { configure, keyOf, wireguardLink, wireguardPort } from './wireguardLink.mjs';

const link = 'wgsessions';

/**
 * wireguard-go, at the version of peers/go/go.mod.
 * @type {import('./peer.mjs').Peer}
 */
export const wireguardGo = {
  name: 'wireguard-go',
  build: buildGoPrograms,
  ...wireguardLink('wggo', (name) => [goProgram('wireguard'), '-f', name]),
  sessions: async (directory, most) => {
    mkdirSync(directory, { recursive: true });
    await mustRun(goProgram('wireguardSessions'), ['keys', directory, String(most)]);
    const server = keyOf(directory, 'server');
    const daemon = start('server', [goProgram('wireguard'), '-f', link]);
    const settings = [`private_key=${server.privateHex}`, `listen_port=${wireguardPort}`];
    await configure(link, settings, daemon.output);
    await ip('-n', namespaces.server, 'link', 'set', link, 'up');
    return {
      daemon,
      // Each client is a whole device: of 4,000 some failed, and 10,000 did not end.
      holds: 2_000,
      admit: (count) =>
        configure(
          link,
          readFileSync(join(directory, 'peers'), 'utf8')
            .trimEnd()
            .split('\n')
            .slice(0, 2 * count),
          daemon.output,
        ),
      command: (sessions, then) => [
        ...[goProgram('wireguardSessions'), 'open', directory, server.publicHex],
        ...[`${outer.server}:${wireguardPort}`, String(sessions), '8', then],
      ],
    };
  },
};
