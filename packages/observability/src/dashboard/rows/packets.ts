import { recorded } from '../../promql/recorded.js';
import { mean, quantile, rate, series } from '../../promql/series.js';
import { graph } from '../panel.js';
import type { Row } from '../row.js';

/** How fast packets pass, and which do not. */
export function packets(): Row {
  return {
    title: 'Packets',
    panels: [
      graph({
        title: 'Packet rate by direction',
        description: 'Inner IP packets per second, segments counted one by one.',
        unit: 'pps',
        queries: [
          { expr: recorded('packetsSent'), legend: '{{instance}} to clients' },
          { expr: recorded('packetsReceived'), legend: '{{instance}} from clients' },
        ],
      }),
      graph({
        title: 'Packet processing latency',
        description:
          'From arrival on one side to hand-over to the other. Quantiles are estimated within buckets that begin at 1 ms.',
        unit: 's',
        limits: { warning: 0.01, critical: 0.05 },
        queries: [0.5, 0.95, 0.99].map((q) => ({
          expr: quantile(q, 'packetProcessingDuration', { by: ['direction'] }),
          legend: `{{instance}} {{direction}} p${q * 100}`,
        })),
      }),
      graph({
        title: 'Average packet processing time',
        description: 'Mean per packet; healthy is some microseconds.',
        unit: 's',
        limits: { warning: 0.001, critical: 0.01 },
        queries: [
          { expr: mean('packetProcessingDuration', ['direction']), legend: '{{instance}} {{direction}}' },
        ],
      }),
      graph({
        title: 'Packet latency, fine',
        description: 'The same measurements in buckets from 1 µs, where healthy packets are.',
        unit: 's',
        limits: { warning: 0.001, critical: 0.01 },
        queries: [0.5, 0.95, 0.99].map((q) => ({
          expr: quantile(q, 'packetLatency', { by: ['direction'] }),
          legend: `{{instance}} {{direction}} p${q * 100}`,
        })),
      }),
      graph({
        title: 'Drops by reason',
        description: 'Dropped packets per second.',
        unit: 'pps',
        queries: [{ expr: rate('packetDrops', ['reason']), legend: '{{instance}} {{reason}}' }],
      }),
      graph({
        title: 'Drop ratio',
        description: 'Dropped packets as a share of all, over five minutes.',
        unit: 'percentunit',
        max: 1,
        limits: { warning: 0.01, critical: 0.05 },
        queries: [{ expr: recorded('dropRatio'), legend: '{{instance}}' }],
      }),
      graph({
        title: 'Drops in detail',
        description:
          'Dropped packets per second by the engine’s reason; docs/metrics.md explains each. Reasons without drops are left out.',
        unit: 'pps',
        queries: [
          {
            expr: `${rate('engineDrops', ['direction', 'reason'])} > 0`,
            legend: '{{instance}} {{direction}} {{reason}}',
          },
        ],
      }),
      graph({
        title: 'Access rules and rate limits',
        description:
          'Packets per second that an access rule refused (accessDenied), that were above a client’s rate (rateLimited), or for which a client had too many flows (flowTableFull). None of them is an error.',
        unit: 'pps',
        queries: [
          {
            expr: rate('engineDrops', ['direction', 'reason'], {
              reason: '=~"accessDenied|rateLimited|flowTableFull"',
            }),
            legend: '{{instance}} {{direction}} {{reason}}',
          },
        ],
      }),
      graph({
        title: 'Queued packets',
        description:
          'Packets that wait to be sent to clients. A queue that stays means a path is slower than what is sent.',
        unit: 'short',
        queries: [{ expr: series('packetsQueued'), legend: '{{instance}} {{direction}}' }],
      }),
      graph({
        title: 'Packets unaccounted for',
        description:
          'Received, but neither forwarded nor dropped nor queued. Always 0; anything else is a bug.',
        unit: 'short',
        limits: { warning: 1, critical: 1 },
        queries: [{ expr: series('packetsUnaccounted'), legend: '{{instance}} {{direction}}' }],
      }),
      graph({
        title: 'ICMP sent',
        description:
          'ICMP messages per second that the server originated: path MTU, unreachable, echo replies.',
        unit: 'pps',
        queries: [{ expr: rate('icmpSent', ['type']), legend: '{{instance}} {{type}}' }],
      }),
    ],
  };
}
