import type { Metrics } from './prometheus.js';

/** The metrics that users of the server rely on: name, type, and the values each label must have from the start. */
export const contract = {
  masque_vpn_active_connections: 'gauge',
  masque_vpn_total_connections: 'counter',
  masque_vpn_connection_duration_seconds: 'histogram',
  masque_vpn_bytes_sent_total: 'counter',
  masque_vpn_bytes_received_total: 'counter',
  masque_vpn_packets_sent_total: 'counter',
  masque_vpn_packets_received_total: 'counter',
  masque_vpn_packet_processing_duration_seconds: 'histogram',
  masque_vpn_quic_stream_duration_seconds: 'histogram',
  masque_vpn_masque_request_duration_seconds: 'histogram',
  masque_vpn_ip_pool_total: 'gauge',
  masque_vpn_ip_pool_used: 'gauge',
  masque_vpn_ip_pool_available: 'gauge',
  masque_vpn_tun_interface_status: 'gauge',
  masque_vpn_server_uptime_seconds: 'counter',
  masque_vpn_errors_total: 'counter',
  masque_vpn_packet_drops_total: 'counter',
  masque_vpn_masque_requests_total: 'counter',
  masque_vpn_quic_streams_total: 'counter',
} as const;

export type ContractName = keyof typeof contract;

export const contractNames = Object.keys(contract) as readonly ContractName[];

/** Every contract metric as one number: summed over labels, a histogram's count; 0 where there is no series yet. */
export function summarize(metrics: Metrics): Record<ContractName, number> {
  const entries = contractNames.map((name) => [
    name,
    metrics.sum(contract[name] === 'histogram' ? `${name}_count` : name),
  ]);
  return Object.fromEntries(entries) as Record<ContractName, number>;
}

/** Dropped packets by reason. */
export function drops(metrics: Metrics): Record<string, number> {
  return Object.fromEntries(
    metrics.find('masque_vpn_packet_drops_total').map(({ labels, value }) => [labels['reason'] ?? '', value]),
  );
}
