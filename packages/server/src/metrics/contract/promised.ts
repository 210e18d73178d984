import { directions, perClient, type MetricDeclaration } from './declaration.js';

const oneMillisecondToOneSecond = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1] as const;
const innerPackets =
  'inner IP packets as they enter and leave QUIC, after checks, segments of super-packets one by one; from the ' +
  'engine’s session rows at a scrape and at the session’s end';

/** Values of `error_type`. */
export const errorTypes = ['connection', 'packet', 'auth', 'tun', 'masque'] as const;
export type ErrorType = (typeof errorTypes)[number];

/** Values of `reason` of `masque_vpn_packet_drops_total`. */
export const dropClasses = ['invalid', 'oversized', 'processing_error'] as const;
export type DropClass = (typeof dropClasses)[number];

/** The metrics of `docs/metrics-reference.md`, in its order. A connection here is an admitted session. */
export const promised = {
  activeConnections: {
    name: 'masque_vpn_active_connections',
    type: 'gauge',
    help: 'Current number of active VPN connections',
    labels: {},
    unit: 'connections',
    fedBy: 'a session was admitted (+1), an admitted one ended (−1)',
    since: '0.1.0',
  },
  totalConnections: {
    name: 'masque_vpn_total_connections',
    type: 'counter',
    help: 'Total number of connections established since startup',
    labels: {},
    unit: 'connections',
    fedBy: 'a session was admitted',
    since: '0.1.0',
  },
  connectionDuration: {
    name: 'masque_vpn_connection_duration_seconds',
    type: 'histogram',
    help: 'Duration of connections in seconds',
    labels: perClient,
    // The reference leaves the bounds open: from a failed attempt to a day.
    buckets: [1, 10, 60, 300, 900, 3_600, 14_400, 43_200, 86_400],
    unit: 'seconds',
    fedBy: 'an admitted session ended: from its 200 to its end, by a clock that never steps',
    since: '0.1.0',
  },
  bytesSent: {
    name: 'masque_vpn_bytes_sent_total',
    type: 'counter',
    help: 'Total bytes sent to clients',
    labels: perClient,
    unit: 'bytes',
    fedBy: innerPackets,
    since: '0.1.0',
  },
  bytesReceived: {
    name: 'masque_vpn_bytes_received_total',
    type: 'counter',
    help: 'Total bytes received from clients',
    labels: perClient,
    unit: 'bytes',
    fedBy: innerPackets,
    since: '0.1.0',
  },
  packetsSent: {
    name: 'masque_vpn_packets_sent_total',
    type: 'counter',
    help: 'Total packets sent to clients',
    labels: perClient,
    unit: 'packets',
    fedBy: innerPackets,
    since: '0.1.0',
  },
  packetsReceived: {
    name: 'masque_vpn_packets_received_total',
    type: 'counter',
    help: 'Total packets received from clients',
    labels: perClient,
    unit: 'packets',
    fedBy: innerPackets,
    since: '0.1.0',
  },
  packetProcessingDuration: {
    name: 'masque_vpn_packet_processing_duration_seconds',
    type: 'histogram',
    help: 'Time spent processing packets',
    labels: { direction: directions },
    buckets: oneMillisecondToOneSecond,
    unit: 'seconds',
    fedBy:
      'a packet was handed over: from its arrival on one side to its hand-over to the other, timed per batch and ' +
      'attributed to the packets of the batch',
    since: '0.1.0',
  },
  streamDuration: {
    name: 'masque_vpn_quic_stream_duration_seconds',
    type: 'histogram',
    help: 'Duration of QUIC streams',
    labels: perClient,
    buckets: [1, 5, 10, 30, 60, 300, 600, 1800, 3600],
    unit: 'seconds',
    fedBy: 'a QUIC stream closed; credited like `masque_vpn_quic_streams_total`',
    since: '0.1.0',
  },
  requestDuration: {
    name: 'masque_vpn_masque_request_duration_seconds',
    type: 'histogram',
    help: 'Time to process MASQUE CONNECT-IP requests',
    labels: { method: ['CONNECT'] },
    buckets: oneMillisecondToOneSecond,
    unit: 'seconds',
    fedBy: 'a request was answered: from its complete HEADERS to the 200 or the refusal',
    since: '0.1.0',
  },
  ipPoolTotal: {
    name: 'masque_vpn_ip_pool_total',
    type: 'gauge',
    help: 'Total number of IP addresses in pool',
    labels: {},
    unit: 'addresses',
    fedBy: 'the scrape: IPv4 addresses that clients can get',
    since: '0.1.0',
  },
  ipPoolUsed: {
    name: 'masque_vpn_ip_pool_used',
    type: 'gauge',
    help: 'Number of IP addresses currently assigned',
    labels: {},
    unit: 'addresses',
    fedBy: 'the scrape: IPv4 addresses leased or in quarantine',
    since: '0.1.0',
  },
  ipPoolAvailable: {
    name: 'masque_vpn_ip_pool_available',
    type: 'gauge',
    help: 'Number of available IP addresses in pool',
    labels: {},
    unit: 'addresses',
    fedBy: 'the scrape: IPv4 addresses that the next client could get',
    since: '0.1.0',
  },
  tunInterfaceStatus: {
    name: 'masque_vpn_tun_interface_status',
    type: 'gauge',
    help: 'TUN interface status (1=active, 0=inactive)',
    labels: {},
    unit: 'state',
    fedBy: 'the scrape: 1 while the TUN is open and the host’s network is set up',
    since: '0.1.0',
  },
  serverUptime: {
    name: 'masque_vpn_server_uptime_seconds',
    type: 'counter',
    help: 'Server uptime in seconds',
    labels: {},
    unit: 'seconds',
    fedBy: 'the scrape: time since the start, by a clock that never steps',
    since: '0.1.0',
  },
  errors: {
    name: 'masque_vpn_errors_total',
    type: 'counter',
    help: 'Total number of errors by type',
    labels: { error_type: errorTypes },
    unit: 'errors',
    fedBy:
      'connection: a connection broke the protocol, a UDP socket failed, a worker panicked, a session’s record was ' +
      'not stored; packet: a packet was malformed, had a foreign source or no payload, or was lost by a failed TUN ' +
      'write; auth: a certificate was presented and refused, or a tunnel asked for without one; tun: the TUN was ' +
      'lost, could not be set up, failed, or a tunnel was refused without it; masque: a malformed request or ' +
      'capsule, a tunnel refused by lack of addresses, DNS, overload or a fault of the server. Handshakes without a ' +
      'credential, or ended by a client that does not accept ours, requests for other resources, configured limits ' +
      'and policy are no errors',
    since: '0.1.0',
  },
  packetDrops: {
    name: 'masque_vpn_packet_drops_total',
    type: 'counter',
    help: 'Total number of dropped packets',
    labels: { reason: dropClasses },
    unit: 'packets',
    fedBy:
      'the engine dropped a packet; each of its reasons (`masque_vpn_engine_drops_total`) counts in one of these',
    since: '0.1.0',
  },
  requests: {
    name: 'masque_vpn_masque_requests_total',
    type: 'counter',
    help: 'Total MASQUE CONNECT-IP requests',
    labels: { method: ['CONNECT'], status: ['success', 'failed'] },
    unit: 'requests',
    fedBy:
      'a request was answered with 200 (success) or with anything else, by the server or by the engine, or was taken ' +
      'back by the client (failed); `method` is CONNECT for whatever a request on a tunnel port is',
    since: '0.1.0',
  },
  streams: {
    name: 'masque_vpn_quic_streams_total',
    type: 'counter',
    help: 'Total QUIC streams created',
    labels: { client_id: 'perClient', stream_type: ['bidirectional', 'unidirectional'] },
    unit: 'streams',
    fedBy:
      'a QUIC stream was opened by either side; counted once its connection’s client is known, and under `_none` ' +
      'when the connection ends without one',
    since: '0.1.0',
  },
} as const satisfies Record<string, MetricDeclaration>;
