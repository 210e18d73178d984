/**
 * The metrics that operators were promised (`docs/metrics-reference.md`); registry, documentation and tests
 * derive from this list. What moves each metric:
 *
 * | metric (without `masque_vpn_`)       | moved by                                                                |
 * |--------------------------------------|-------------------------------------------------------------------------|
 * | active_connections                   | a session is accepted (+1) and ends (−1)                                |
 * | total_connections                    | a session is accepted                                                   |
 * | connection_duration_seconds          | an accepted session ended: its length                                   |
 * | bytes_sent_total, bytes_received_total, packets_sent_total, packets_received_total | the engine's session rows, at a scrape and at the session's end: inner IP packets as they enter and leave QUIC, after checks, segments counted one by one |
 * | packet_processing_duration_seconds   | the engine's histograms: arrival on one side to hand-over to the other  |
 * | quic_stream_duration_seconds         | a QUIC stream closed (the engine's connection rows)                     |
 * | masque_request_duration_seconds      | a request was answered: from its complete HEADERS to accept or refuse   |
 * | ip_pool_total, ip_pool_used, ip_pool_available | a lease is made, quarantined, freed; IPv4 only, quarantined addresses are used |
 * | tun_interface_status                 | the TUN is opened and configured (1), or lost (0)                       |
 * | server_uptime_seconds                | time                                                                    |
 * | errors_total                         | see `errors.ts`                                                         |
 * | packet_drops_total                   | the engine's drop counters, see `drops.ts`                              |
 * | masque_requests_total                | a request was accepted (success) or refused, by us or by the engine (failed) |
 * | quic_streams_total                   | a QUIC stream was opened by either side; counted once its connection's client is known, and under `_none` when the connection ends without one |
 */

/** A label's fixed values, all present from the start; or `perClient`: one series per client that was admitted. */
export type LabelValues = readonly string[] | 'perClient';

export interface MetricDeclaration {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** The reference's wording. */
  readonly help: string;
  readonly labels: Readonly<Record<string, LabelValues>>;
  /** Upper bounds of a histogram's buckets, ascending, without `+Inf`. */
  readonly buckets?: readonly number[];
  readonly unit:
    | 'seconds'
    | 'bytes'
    | 'packets'
    | 'connections'
    | 'addresses'
    | 'streams'
    | 'requests'
    | 'errors'
    | 'state';
}

const oneMillisecondToOneSecond = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1] as const;
const perClient = { client_id: 'perClient' } as const;

/** Values of `error_type`. */
export const errorTypes = ['connection', 'packet', 'auth', 'tun', 'masque'] as const;
export type ErrorType = (typeof errorTypes)[number];

/** Values of `reason` of `masque_vpn_packet_drops_total`. */
export const dropClasses = ['invalid', 'oversized', 'processing_error'] as const;
export type DropClass = (typeof dropClasses)[number];

/** Every metric, in the reference's order. */
export const contract = {
  activeConnections: {
    name: 'masque_vpn_active_connections',
    type: 'gauge',
    help: 'Current number of active VPN connections',
    labels: {},
    unit: 'connections',
  },
  totalConnections: {
    name: 'masque_vpn_total_connections',
    type: 'counter',
    help: 'Total number of connections established since startup',
    labels: {},
    unit: 'connections',
  },
  connectionDuration: {
    name: 'masque_vpn_connection_duration_seconds',
    type: 'histogram',
    help: 'Duration of connections in seconds',
    labels: perClient,
    // The reference leaves the bounds open: from a failed attempt to a day.
    buckets: [1, 10, 60, 300, 900, 3_600, 14_400, 43_200, 86_400],
    unit: 'seconds',
  },
  bytesSent: {
    name: 'masque_vpn_bytes_sent_total',
    type: 'counter',
    help: 'Total bytes sent to clients',
    labels: perClient,
    unit: 'bytes',
  },
  bytesReceived: {
    name: 'masque_vpn_bytes_received_total',
    type: 'counter',
    help: 'Total bytes received from clients',
    labels: perClient,
    unit: 'bytes',
  },
  packetsSent: {
    name: 'masque_vpn_packets_sent_total',
    type: 'counter',
    help: 'Total packets sent to clients',
    labels: perClient,
    unit: 'packets',
  },
  packetsReceived: {
    name: 'masque_vpn_packets_received_total',
    type: 'counter',
    help: 'Total packets received from clients',
    labels: perClient,
    unit: 'packets',
  },
  packetProcessingDuration: {
    name: 'masque_vpn_packet_processing_duration_seconds',
    type: 'histogram',
    help: 'Time spent processing packets',
    labels: { direction: ['inbound', 'outbound'] },
    buckets: oneMillisecondToOneSecond,
    unit: 'seconds',
  },
  streamDuration: {
    name: 'masque_vpn_quic_stream_duration_seconds',
    type: 'histogram',
    help: 'Duration of QUIC streams',
    labels: perClient,
    buckets: [1, 5, 10, 30, 60, 300, 600, 1800, 3600],
    unit: 'seconds',
  },
  requestDuration: {
    name: 'masque_vpn_masque_request_duration_seconds',
    type: 'histogram',
    help: 'Time to process MASQUE CONNECT-IP requests',
    labels: { method: ['CONNECT'] },
    buckets: oneMillisecondToOneSecond,
    unit: 'seconds',
  },
  ipPoolTotal: {
    name: 'masque_vpn_ip_pool_total',
    type: 'gauge',
    help: 'Total number of IP addresses in pool',
    labels: {},
    unit: 'addresses',
  },
  ipPoolUsed: {
    name: 'masque_vpn_ip_pool_used',
    type: 'gauge',
    help: 'Number of IP addresses currently assigned',
    labels: {},
    unit: 'addresses',
  },
  ipPoolAvailable: {
    name: 'masque_vpn_ip_pool_available',
    type: 'gauge',
    help: 'Number of available IP addresses in pool',
    labels: {},
    unit: 'addresses',
  },
  tunInterfaceStatus: {
    name: 'masque_vpn_tun_interface_status',
    type: 'gauge',
    help: 'TUN interface status (1=active, 0=inactive)',
    labels: {},
    unit: 'state',
  },
  serverUptime: {
    name: 'masque_vpn_server_uptime_seconds',
    type: 'counter',
    help: 'Server uptime in seconds',
    labels: {},
    unit: 'seconds',
  },
  errors: {
    name: 'masque_vpn_errors_total',
    type: 'counter',
    help: 'Total number of errors by type',
    labels: { error_type: errorTypes },
    unit: 'errors',
  },
  packetDrops: {
    name: 'masque_vpn_packet_drops_total',
    type: 'counter',
    help: 'Total number of dropped packets',
    labels: { reason: dropClasses },
    unit: 'packets',
  },
  requests: {
    name: 'masque_vpn_masque_requests_total',
    type: 'counter',
    help: 'Total MASQUE CONNECT-IP requests',
    labels: { method: ['CONNECT'], status: ['success', 'failed'] },
    unit: 'requests',
  },
  streams: {
    name: 'masque_vpn_quic_streams_total',
    type: 'counter',
    help: 'Total QUIC streams created',
    labels: { client_id: 'perClient', stream_type: ['bidirectional', 'unidirectional'] },
    unit: 'streams',
  },
} as const satisfies Record<string, MetricDeclaration>;

export type MetricKey = keyof typeof contract;
