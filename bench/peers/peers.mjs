import { masqueVpn } from './masqueVpn.mjs';
import { raw } from './raw.mjs';
import { wireguardGo } from './wireguardGo.mjs';

/**
 * A tunnel that is up.
 * @typedef {object} Tunnel
 * @property {string} serverAddress inner address at which the server's side answers
 * @property {readonly number[]} pids processes whose CPU time is the tunnel's
 * @property {() => Promise<void>} down
 */

/**
 * @typedef {object} Peer
 * @property {string} name
 * @property {(directory: string) => Promise<Tunnel>} up keys and state go into `directory`
 */

/**
 * All peers that can run here, the bare wire first; what is not here yet is downloaded and built.
 * @returns {Promise<readonly Peer[]>}
 */
export async function availablePeers() {
  const wireguard = await wireguardGo();
  return [raw, ...(wireguard === null ? [] : [wireguard]), masqueVpn];
}
