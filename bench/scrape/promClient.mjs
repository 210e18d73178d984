import { Counter, Histogram, Registry } from 'prom-client';

/** @typedef {import('node:http').ServerResponse} Response */

/** The same seven metrics per client with prom-client, fed with the same growth. @param {import('./load.mjs').Load} load */
export async function promClient(load) {
  const registry = new Registry();
  const registers = [registry];
  const labelNames = ['client_id'];
  const connections = new Histogram({
    name: 'masque_vpn_connection_duration_seconds',
    help: 'Duration of connections in seconds',
    labelNames,
    registers,
    buckets: [1, 10, 60, 300, 900, 3_600, 14_400, 43_200, 86_400],
  });
  const streamDurations = new Histogram({
    name: 'masque_vpn_quic_stream_duration_seconds',
    help: 'Duration of QUIC streams',
    labelNames,
    registers,
    buckets: [1, 5, 10, 30, 60, 300, 600, 1800, 3600],
  });
  const streams = new Counter({
    name: 'masque_vpn_quic_streams_total',
    help: 'Total QUIC streams created',
    labelNames: ['client_id', 'stream_type'],
    registers,
  });
  const traffic = [
    'masque_vpn_bytes_sent_total',
    'masque_vpn_bytes_received_total',
    'masque_vpn_packets_sent_total',
    'masque_vpn_packets_received_total',
  ].map((name) => new Counter({ name, help: name, labelNames, registers }));
  for (let index = 0; index < load.clients; index++) {
    const client_id = load.clientId(index);
    for (const seconds of load.endedSessions(index)) connections.observe({ client_id }, seconds);
    for (const seconds of load.closedStreams(index)) streamDurations.observe({ client_id }, seconds);
    streams.inc({ client_id, stream_type: 'bidirectional' }, 1);
    streams.inc({ client_id, stream_type: 'unidirectional' }, 6);
  }
  const seen = new Float64Array(load.clients * 4);
  const read = () => {
    for (let index = 0; index < load.clients; index++) {
      const client_id = load.clientId(index);
      for (const [kind, counter] of traffic.entries()) {
        const now = load.traffic(index, kind);
        counter.inc({ client_id }, now - (seen[index * 4 + kind] ?? 0));
        seen[index * 4 + kind] = now;
      }
    }
  };
  return {
    tick: () => {
      for (const index of load.justEnded()) {
        const client_id = load.clientId(index);
        connections.observe({ client_id }, load.justEndedSeconds);
        streamDurations.observe({ client_id }, load.justEndedSeconds);
        streams.inc({ client_id, stream_type: 'bidirectional' }, 1);
      }
    },
    /** @param {boolean} _gzip @param {Response} response */
    answer: async (_gzip, response) => {
      read();
      response.end(await registry.metrics());
    },
  };
}
