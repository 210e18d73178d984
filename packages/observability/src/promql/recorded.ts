import { selector } from './series.js';

/** Rules of `prometheus/recording.yml` that the dashboard reads instead of summing over all clients again. */
export const recordedNames = {
  bytesSent: 'instance:masque_vpn_bytes_sent:rate1m',
  bytesReceived: 'instance:masque_vpn_bytes_received:rate1m',
  packetsSent: 'instance:masque_vpn_packets_sent:rate1m',
  packetsReceived: 'instance:masque_vpn_packets_received:rate1m',
  dropRatio: 'instance:masque_vpn_packet_drops:ratio_rate5m',
  refusalRatio: 'instance:masque_vpn_masque_requests_failed:ratio_rate5m',
  poolUtilisation: 'instance:masque_vpn_ip_pool_utilisation:ratio',
} as const;

/** A recorded series of the chosen servers. */
export function recorded(name: keyof typeof recordedNames): string {
  return selector(recordedNames[name]);
}
