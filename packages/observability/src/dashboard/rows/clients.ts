import { quantile, rate } from '../../promql/series.js';
import { graph, ranking } from '../panel.js';
import type { Row } from '../row.js';

const client = { client_id: '=~"$client"' } as const;

/** Who uses the server, and one client's view (variable `client`). */
export function clients(): Row {
  return {
    title: 'Clients',
    panels: [
      ranking({
        title: 'Top talkers, to clients',
        description: 'The ten clients that receive most, bytes per second.',
        unit: 'Bps',
        queries: [{ expr: `topk(10, ${rate('bytesSent', ['client_id'])})`, legend: '{{client_id}}' }],
      }),
      ranking({
        title: 'Top talkers, from clients',
        description: 'The ten clients that send most, bytes per second.',
        unit: 'Bps',
        queries: [{ expr: `topk(10, ${rate('bytesReceived', ['client_id'])})`, legend: '{{client_id}}' }],
      }),
      graph({
        title: 'Traffic of $client',
        description: 'Inner IP bytes per second of the chosen clients.',
        unit: 'Bps',
        queries: [
          { expr: rate('bytesSent', ['client_id'], client), legend: '{{client_id}} to client' },
          { expr: rate('bytesReceived', ['client_id'], client), legend: '{{client_id}} from client' },
        ],
      }),
      graph({
        title: 'Packets of $client',
        description: 'Inner IP packets per second of the chosen clients.',
        unit: 'pps',
        queries: [
          { expr: rate('packetsSent', ['client_id'], client), legend: '{{client_id}} to client' },
          { expr: rate('packetsReceived', ['client_id'], client), legend: '{{client_id}} from client' },
        ],
      }),
      graph({
        title: 'Streams of $client',
        description: 'QUIC streams opened per second on the connections of the chosen clients.',
        unit: 'ops',
        queries: [
          {
            expr: rate('streams', ['client_id', 'stream_type'], client),
            legend: '{{client_id}} {{stream_type}}',
          },
        ],
      }),
      graph({
        title: 'Session and stream length of $client',
        description:
          'Median length of the sessions and streams of the chosen clients that ended within the last hour.',
        unit: 's',
        queries: [
          {
            expr: quantile(0.5, 'connectionDuration', {
              by: ['client_id'],
              conditions: client,
              range: '[1h]',
            }),
            legend: '{{client_id}} sessions',
          },
          {
            expr: quantile(0.5, 'streamDuration', { by: ['client_id'], conditions: client, range: '[1h]' }),
            legend: '{{client_id}} streams',
          },
        ],
      }),
    ],
  };
}
