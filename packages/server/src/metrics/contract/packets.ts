import { dropReasons, icmpKinds, processingBounds } from '@masque-vpn/engine';
import { directions, type MetricDeclaration } from './declaration.js';

/** What happens to packets, in more detail than the reference; and the audit that none is lost unseen. */
export const packetMetrics = {
  packetLatency: {
    name: 'masque_vpn_packet_latency_seconds',
    type: 'histogram',
    help: 'Time from a packet’s arrival on one side to its hand-over to the other, from 1 µs',
    labels: { direction: directions },
    buckets: processingBounds,
    unit: 'seconds',
    fedBy: 'the same measurements as `masque_vpn_packet_processing_duration_seconds`, in fine buckets',
    since: '0.1.0',
  },
  engineDrops: {
    name: 'masque_vpn_engine_drops_total',
    type: 'counter',
    help: 'Dropped packets by direction and the engine’s reason',
    labels: { direction: directions, reason: dropReasons },
    unit: 'packets',
    fedBy:
      'the engine dropped a packet; `accessDenied` are the refusals of access rules, `rateLimited` the drops of rate ' +
      'limits, `flowTableFull` packets for which there was no room to remember their flow',
    since: '0.1.0',
  },
  enginePacketsReceived: {
    name: 'masque_vpn_engine_packets_received_total',
    type: 'counter',
    help: 'Packets that arrived at the engine',
    labels: { direction: directions },
    unit: 'packets',
    fedBy:
      'a packet arrived in QUIC (inbound) or was read from the TUN, each segment of a super-packet (outbound)',
    since: '0.1.0',
  },
  enginePacketsForwarded: {
    name: 'masque_vpn_engine_packets_forwarded_total',
    type: 'counter',
    help: 'Packets that the engine handed on',
    labels: { direction: directions },
    unit: 'packets',
    fedBy: 'a packet was handed to the TUN (inbound) or to QUIC (outbound)',
    since: '0.1.0',
  },
  packetsQueued: {
    name: 'masque_vpn_packets_queued',
    type: 'gauge',
    help: 'Packets that wait in queues of the engine',
    labels: { direction: directions },
    unit: 'packets',
    fedBy: 'the scrape; inbound packets never wait',
    since: '0.1.0',
  },
  bytesQueued: {
    name: 'masque_vpn_queued_bytes',
    type: 'gauge',
    help: 'Bytes of the packets that wait to be sent to clients',
    labels: {},
    unit: 'bytes',
    fedBy: 'the scrape: the sum over sessions',
    since: '0.1.0',
  },
  packetsUnaccounted: {
    name: 'masque_vpn_packets_unaccounted',
    type: 'gauge',
    help: 'Packets received but neither forwarded, dropped nor queued; anything but 0 is a bug',
    labels: { direction: directions },
    unit: 'packets',
    fedBy:
      'the scrape: received − forwarded − dropped − queued as each worker found it at the end of its last turn; the ' +
      'counters of a scrape are not of one moment, so their difference need not be 0 under load',
    since: '0.1.0',
  },
  icmpSent: {
    name: 'masque_vpn_icmp_sent_total',
    type: 'counter',
    help: 'ICMP messages that the server originated',
    labels: { type: icmpKinds },
    unit: 'packets',
    fedBy: 'the engine answered a packet with an ICMP error or an echo reply',
    since: '0.1.0',
  },
  tunReads: {
    name: 'masque_vpn_tun_reads_total',
    type: 'counter',
    help: 'Reads from the TUN; each may carry many packets',
    labels: {},
    unit: 'calls',
    fedBy: 'the engine read from the TUN',
    since: '0.1.0',
  },
  tunWrites: {
    name: 'masque_vpn_tun_writes_total',
    type: 'counter',
    help: 'Writes to the TUN; each may carry many packets',
    labels: {},
    unit: 'calls',
    fedBy: 'the engine wrote to the TUN',
    since: '0.1.0',
  },
} as const satisfies Record<string, MetricDeclaration>;
