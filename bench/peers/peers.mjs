import { boringtun } from './boringtun.mjs';
import { connectIpGo } from './connectIpGo.mjs';
import { masqueVpn } from './masqueVpn.mjs';
import { openVpn } from './openVpn.mjs';
import { raw } from './raw.mjs';
import { wireguardGo } from './wireguardGo.mjs';

/** Our own name in results. */
export const ours = masqueVpn.name;

/**
 * The order within a round.
 * @type {readonly import('./peer.mjs').Peer[]}
 */
export const peers = [raw, wireguardGo, connectIpGo, boringtun, openVpn, masqueVpn];
