import { outer } from '../network.mjs';

/**
 * The bare veth pair, for scale.
 * @type {import('./peer.mjs').Peer}
 */
export const raw = {
  name: 'raw',
  build: async () => null,
  serve: async () => ({ address: outer.server, daemon: null }),
  connect: async () => null,
  sessions: null,
};
