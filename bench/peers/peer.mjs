import { eventually } from '../daemon.mjs';
import { inside, mustRun } from '../network.mjs';

/** @typedef {import('../daemon.mjs').Daemon} Daemon */

/**
 * The server's end of a tunnel.
 * @typedef {object} Server
 * @property {string} address inner address at which the server's side answers
 * @property {Daemon | null} daemon null where the kernel does it
 */

/**
 * A server that many sessions can be opened with, and how.
 * @typedef {object} SessionServer
 * @property {Daemon} daemon
 * @property {number} [holds] how many its clients can hold at once, where that is not any number
 * @property {(count: number) => Promise<void>} admit makes the server know whom it will meet, where that is part of a session
 * @property {(count: number, then: 'hold' | 'close') => readonly string[]} command for the client's side; it opens that many sessions, each of
 * its own client where the peer knows clients, and prints `opened N failed M`
 */

/**
 * A VPN that is measured.
 * @typedef {object} Peer
 * @property {string} name as on the command line and in results
 * @property {(progress: import('../../scripts/bootstrap/progress.mjs').Progress) => Promise<string | null>} build makes its programs; why it
 * cannot be measured here, or null
 * @property {(directory: string) => Promise<Server>} serve starts the server's end; keys and state go into `directory`
 * @property {(directory: string) => Promise<Daemon | null>} connect starts the client's end, without waiting for the tunnel
 * @property {((directory: string, most: number) => Promise<SessionServer>) | null} sessions with at most so many clients; null where nobody opens
 * many
 */

/**
 * A tunnel that is up.
 * @typedef {object} Tunnel
 * @property {string} serverAddress inner address at which the server's side answers
 * @property {readonly number[]} pids processes whose CPU time is the tunnel's
 * @property {() => Promise<void>} down
 */

/**
 * Starts both ends and waits until the tunnel carries a ping.
 * @param {Peer} peer
 * @param {string} directory
 * @returns {Promise<Tunnel>}
 */
export async function openTunnel(peer, directory) {
  const { address, daemon: server } = await peer.serve(directory);
  /** @type {Daemon | null} */
  let client = null;
  const down = async () => {
    await client?.stop();
    await server?.stop();
  };
  try {
    client = await peer.connect(directory);
    await answers(address, () => `${client?.output() ?? ''}\n${server?.output() ?? ''}`);
  } catch (error) {
    await down();
    throw error;
  }
  return {
    serverAddress: address,
    pids: [client, server].flatMap((daemon) => (daemon === null ? [] : [daemon.pid])),
    down,
  };
}

/**
 * Waits until an address answers a ping of the client's side.
 * @param {string} address
 * @param {() => string} explain what the ends have said
 */
export const answers = (address, explain) =>
  eventually('tunnel', () =>
    mustRun('ip', inside('client', ['ping', '-n', '-c', '1', '-W', '1', address])).catch((error) => {
      throw new Error(`${error}\n${explain()}`);
    }),
  );
