import { recorded } from '../../promql/recorded.js';
import { observations, quantile, rate } from '../../promql/series.js';
import { graph } from '../panel.js';
import type { Row } from '../row.js';

/** Requests, streams and sessions. */
export function masque(): Row {
  return {
    title: 'MASQUE',
    panels: [
      graph({
        title: 'Requests by status',
        description: 'CONNECT-IP requests answered per second: accepted, or refused for whatever reason.',
        unit: 'reqps',
        queries: [{ expr: rate('requests', ['status']), legend: '{{instance}} {{status}}' }],
      }),
      graph({
        title: 'Refused share of requests',
        description: 'Refused requests as a share of all, over five minutes.',
        unit: 'percentunit',
        max: 1,
        limits: { warning: 0.2, critical: 0.5 },
        queries: [{ expr: recorded('refusalRatio'), legend: '{{instance}}' }],
      }),
      graph({
        title: 'Refusals by reason',
        description:
          'Refused requests per second; the same reason stands in the log line. Reasons that did not occur are left out.',
        unit: 'reqps',
        queries: [
          {
            expr: `${rate('admissionRefusals', ['reason', 'status'])} > 0`,
            legend: '{{instance}} {{status}} {{reason}}',
          },
        ],
      }),
      graph({
        title: 'Request latency',
        description: 'From the complete request to its answer.',
        unit: 's',
        limits: { warning: 0.1, critical: 0.5 },
        queries: [0.5, 0.95, 0.99].map((q) => ({
          expr: quantile(q, 'requestDuration'),
          legend: `{{instance}} p${q * 100}`,
        })),
      }),
      graph({
        title: 'Streams opened',
        description: 'QUIC streams per second, by type.',
        unit: 'ops',
        queries: [{ expr: rate('streams', ['stream_type']), legend: '{{instance}} {{stream_type}}' }],
      }),
      graph({
        title: 'Session length',
        description: 'Length of the sessions that ended, within the last hour.',
        unit: 's',
        queries: [0.5, 0.95].map((q) => ({
          expr: quantile(q, 'connectionDuration', { range: '[1h]' }),
          legend: `{{instance}} p${q * 100}`,
        })),
      }),
      graph({
        title: 'Sessions and streams ended',
        description: 'Per second.',
        unit: 'ops',
        queries: [
          { expr: observations('connectionDuration'), legend: '{{instance}} sessions' },
          { expr: observations('streamDuration'), legend: '{{instance}} streams' },
        ],
      }),
      graph({
        title: 'Session ends by cause',
        description:
          'Ended sessions per second; the same cause stands in the log line. Causes that did not occur are left out.',
        unit: 'ops',
        queries: [{ expr: `${rate('sessionEnds', ['cause'])} > 0`, legend: '{{instance}} {{cause}}' }],
      }),
      graph({
        title: 'Loss of access to end of session',
        description:
          'From the moment that a revocation, a disabled or a deleted client was stored to the end of its sessions, within the last hour.',
        unit: 's',
        limits: { warning: 1, critical: 5 },
        queries: [0.5, 0.99].map((q) => ({
          expr: quantile(q, 'revocationDelay', { range: '[1h]' }),
          legend: `{{instance}} p${q * 100}`,
        })),
      }),
      graph({
        title: 'Capsule errors by cause',
        description: 'Sessions per second that were aborted for a capsule: a broken or hostile client.',
        unit: 'ops',
        queries: [{ expr: rate('capsuleErrors', ['cause']), legend: '{{instance}} {{cause}}' }],
      }),
    ],
  };
}
