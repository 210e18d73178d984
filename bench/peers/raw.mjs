import { outer } from '../network.mjs';

/**
 * The bare veth pair, for scale.
 * @type {import('./peers.mjs').Peer}
 */
export const raw = {
  name: 'raw veth',
  up: async () => ({ serverAddress: outer.server, pids: [], down: async () => undefined }),
};
