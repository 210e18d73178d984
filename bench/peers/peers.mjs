import { boringtun } from './boringtun.mjs';
import { connectIpGo } from './connectIpGo.mjs';
import { bbr, masqueVpn } from './masqueVpn.mjs';
import { openVpn } from './openVpn.mjs';
import { raw } from './raw.mjs';
import { wireguardGo } from './wireguardGo.mjs';

/** Measured only when they are asked for. */
export const variants = [bbr.name];

/** Our own name in results. */
export const ours = masqueVpn.name;

/**
 * The order within a round; what matters least comes last, because time can run out.
 * @type {readonly import('./peer.mjs').Peer[]}
 */
export const peers = [raw, masqueVpn, bbr, wireguardGo, boringtun, connectIpGo, openVpn];
