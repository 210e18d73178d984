import { recorded } from '../../promql/recorded.js';
import { rate, series } from '../../promql/series.js';
import { graph, number } from '../panel.js';
import type { Row } from '../row.js';

/** Is it up, who uses it, is anything wrong. */
export function overview(): Row {
  const poolLimits = { warning: 0.8, critical: 0.9 };
  return {
    title: 'Overview',
    panels: [
      number({
        title: 'Active connections',
        description: 'Sessions that are open now. A connection is an admitted CONNECT-IP request.',
        unit: 'short',
        queries: [{ expr: `sum(${series('activeConnections')})`, legend: 'active' }],
      }),
      number({
        title: 'New connections',
        description: 'Sessions admitted per second.',
        unit: 'cps',
        queries: [{ expr: `sum(${rate('totalConnections')})`, legend: 'admitted' }],
      }),
      number({
        title: 'Traffic',
        description: 'Inner IP bytes per second, both directions together.',
        unit: 'Bps',
        queries: [
          { expr: `sum(${recorded('bytesSent')}) + sum(${recorded('bytesReceived')})`, legend: 'traffic' },
        ],
      }),
      number({
        title: 'Pool utilisation',
        description:
          'Share of the usable IPv4 addresses that is assigned or quarantined; the fullest server.',
        unit: 'percentunit',
        limits: poolLimits,
        queries: [{ expr: `max(${recorded('poolUtilisation')})`, legend: 'used' }],
      }),
      number({
        title: 'Errors',
        description: 'Errors per second of all types; above 0.1 of one type for two minutes is an alert.',
        unit: 'ops',
        limits: { warning: 0.05, critical: 0.1 },
        queries: [{ expr: `sum(${rate('errors')})`, legend: 'errors' }],
      }),
      number({
        title: 'TUN interface',
        description: '1 while every server carries packets; 0 when one of them has lost its TUN.',
        unit: 'short',
        limits: { warning: 1, critical: 0.5, fromBelow: true },
        queries: [{ expr: `min(${series('tunInterfaceStatus')})`, legend: 'TUN' }],
      }),
      graph({
        title: 'Active connections over time',
        description: 'Open sessions by server.',
        unit: 'short',
        queries: [{ expr: series('activeConnections'), legend: '{{instance}}' }],
      }),
      graph({
        title: 'Connection rate',
        description:
          'Admitted sessions per second by server. A high rate with a flat count means clients reconnect in a loop.',
        unit: 'cps',
        queries: [{ expr: rate('totalConnections'), legend: '{{instance}}' }],
      }),
      graph({
        title: 'Traffic by direction',
        description: 'Inner IP bytes per second as they enter and leave QUIC, after checks.',
        unit: 'Bps',
        queries: [
          { expr: recorded('bytesSent'), legend: '{{instance}} to clients' },
          { expr: recorded('bytesReceived'), legend: '{{instance}} from clients' },
        ],
      }),
      graph({
        title: 'IP pool',
        description: 'Usable IPv4 addresses. Quarantined ones count as used.',
        unit: 'short',
        queries: [
          { expr: series('ipPoolUsed'), legend: '{{instance}} used' },
          { expr: series('ipPoolAvailable'), legend: '{{instance}} available' },
          { expr: series('ipPoolTotal'), legend: '{{instance}} total' },
        ],
      }),
      graph({
        title: 'Pool utilisation over time',
        description: 'Share of the IPv4 pool in use; IPPoolExhaustion fires above 90 %.',
        unit: 'percentunit',
        max: 1,
        limits: poolLimits,
        queries: [{ expr: recorded('poolUtilisation'), legend: '{{instance}}' }],
      }),
      graph({
        title: 'Error rate by type',
        description: 'Errors per second. The dashed line is where HighErrorRate fires.',
        unit: 'ops',
        limits: { warning: 0.05, critical: 0.1 },
        queries: [{ expr: rate('errors', ['error_type']), legend: '{{instance}} {{error_type}}' }],
      }),
    ],
  };
}
