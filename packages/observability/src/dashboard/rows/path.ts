import { quantile, rate, series, type HistogramKey } from '../../promql/series.js';
import { graph, type Limits, type PanelSource } from '../panel.js';
import type { Row } from '../row.js';

/** The way between server and clients: QUIC connections, handshakes, the network. */
export function path(): Row {
  return {
    title: 'Path and transport',
    panels: [
      distribution(
        'Path round-trip time',
        'Smoothed by QUIC, sampled over the open sessions.',
        's',
        'pathRtt',
        {
          warning: 0.2,
          critical: 0.5,
        },
      ),
      distribution(
        'Path loss',
        'Share of QUIC packets lost between two samples.',
        'percentunit',
        'pathLoss',
        {
          warning: 0.02,
          critical: 0.1,
        },
      ),
      distribution(
        'Congestion window',
        'How much may be on its way at once.',
        'bytes',
        'pathCongestionWindow',
      ),
      distribution(
        'Rate of the path',
        'What congestion control expects a path to carry.',
        'Bps',
        'pathCongestionRate',
      ),
      graph({
        title: 'Congestion control',
        description:
          'Open sessions by what it does: looking for the rate, alone on the path, sharing it, or testing which.',
        unit: 'short',
        queries: [{ expr: series('pathCongestionMode'), legend: '{{instance}} {{mode}}' }],
      }),
      distribution('Path MTU', 'Largest UDP payload that a path carries.', 'bytes', 'pathMtu'),
      graph({
        title: 'QUIC packets',
        description: 'Packets per second to clients, and those declared lost.',
        unit: 'pps',
        queries: [
          { expr: rate('quicPacketsSent'), legend: '{{instance}} sent' },
          { expr: rate('quicPacketsLost'), legend: '{{instance}} lost' },
        ],
      }),
      graph({
        title: 'UDP traffic',
        description: 'UDP payload per second: what the tunnels cost on the outside.',
        unit: 'Bps',
        queries: [
          { expr: rate('udpBytesSent'), legend: '{{instance}} sent' },
          { expr: rate('udpBytesReceived'), legend: '{{instance}} received' },
        ],
      }),
      graph({
        title: 'Handshakes by outcome',
        description: 'QUIC handshakes per second, scans and strangers included; they are no errors.',
        unit: 'ops',
        queries: [{ expr: rate('handshakes', ['outcome']), legend: '{{instance}} {{outcome}}' }],
      }),
      distribution(
        'Handshake duration',
        'From the first packet to the end of the handshake.',
        's',
        'handshakeDuration',
        {
          warning: 0.5,
          critical: 2,
        },
      ),
      graph({
        title: 'Connections and sessions',
        description: 'Open QUIC connections, and open sessions by transport.',
        unit: 'short',
        queries: [
          { expr: series('quicConnections'), legend: '{{instance}} connections' },
          { expr: series('transportSessions'), legend: '{{instance}} sessions over {{transport}}' },
        ],
      }),
      graph({
        title: 'Migrations and connection ends',
        description:
          'Clients per second that went on from another address, and connections that ended, by cause.',
        unit: 'ops',
        queries: [
          { expr: rate('migrations'), legend: '{{instance}} migrations' },
          { expr: `${rate('quicConnectionEnds', ['cause'])} > 0`, legend: '{{instance}} {{cause}}' },
        ],
      }),
    ],
  };
}

/** A histogram as three lines: half, most and nearly all of what was observed lies below them. */
function distribution(
  title: string,
  description: string,
  unit: string,
  key: HistogramKey,
  limits?: Limits,
): PanelSource {
  const queries = [0.5, 0.95, 0.99].map((q) => ({
    expr: quantile(q, key),
    legend: `{{instance}} p${q * 100}`,
  }));
  return graph({ title, description, unit, queries, ...(limits === undefined ? {} : { limits }) });
}
