import { quantile, rate, selector, series } from '../../promql/series.js';
import { graph } from '../panel.js';
import type { Row } from '../row.js';

/** The process itself, and what it costs to look at it. */
export function server(): Row {
  return {
    title: 'Server',
    panels: [
      graph({
        title: 'CPU',
        description: 'Processor time per second, all threads: 1 is one core busy.',
        unit: 'short',
        queries: [{ expr: rate('processCpu', ['mode']), legend: '{{instance}} {{mode}}' }],
      }),
      graph({
        title: 'Memory',
        description: 'All of the process, and the JavaScript heap within it.',
        unit: 'bytes',
        queries: [
          { expr: series('processResidentMemory'), legend: '{{instance}} resident' },
          { expr: series('processHeap'), legend: '{{instance}} heap' },
        ],
      }),
      graph({
        title: 'Worker load',
        description: 'Share of the time in which the engine’s workers worked; near 1 packets begin to wait.',
        unit: 'percentunit',
        max: 1,
        limits: { warning: 0.8, critical: 0.95 },
        queries: [
          {
            expr: `${rate('workerBusy')} / (${rate('workerBusy')} + ${rate('workerWait')})`,
            legend: '{{instance}}',
          },
        ],
      }),
      graph({
        title: 'Handed over between workers',
        description:
          'UDP datagrams, TUN frames and packets per second that came to another worker than their own, and datagrams lost on the way.',
        unit: 'pps',
        queries: [
          { expr: rate('handovers', ['kind']), legend: '{{instance}} {{kind}}' },
          { expr: rate('handoverDatagramsLost'), legend: '{{instance}} datagrams lost' },
        ],
      }),
      graph({
        title: 'Event loop lag',
        description: 'How late timers are. It delays admissions and the API, never packets.',
        unit: 's',
        limits: { warning: 0.1, critical: 0.5 },
        queries: [0.5, 0.99].map((q) => ({
          expr: quantile(q, 'eventLoopLag'),
          legend: `{{instance}} p${q * 100}`,
        })),
      }),
      graph({
        title: 'Datagrams per system call',
        description: 'Size of the batches in which UDP is received and sent; it grows with load.',
        unit: 'short',
        queries: [
          {
            expr: `${rate('udpDatagramsReceived')} / ${rate('udpReceiveCalls')}`,
            legend: '{{instance}} received',
          },
          { expr: `${rate('udpDatagramsSent')} / ${rate('udpSendCalls')}`, legend: '{{instance}} sent' },
        ],
      }),
      graph({
        title: 'Store latency',
        description: 'Time of database statements, waiting included, within the last five minutes.',
        unit: 's',
        limits: { warning: 0.1, critical: 1 },
        queries: [0.5, 0.99].map((q) => ({
          expr: quantile(q, 'storeLatency', { by: ['operation'], range: '[5m]' }),
          legend: `{{instance}} {{operation}} p${q * 100}`,
        })),
      }),
      graph({
        title: 'Uptime',
        description: 'Time since the process started; a fall is a restart.',
        unit: 's',
        queries: [{ expr: series('serverUptime'), legend: '{{instance}}' }],
      }),
      graph({
        title: 'Certificates',
        description: 'Time until the server’s, the authority’s and the soonest client’s certificate expires.',
        unit: 's',
        limits: { warning: 14 * 86_400, critical: 2 * 86_400, fromBelow: true },
        queries: [
          { expr: `${series('certificateExpiry')} - time() < +Inf`, legend: '{{instance}} {{certificate}}' },
        ],
      }),
      graph({
        title: 'Scrape duration',
        description: 'How long Prometheus waited for /metrics, and how long the server worked on it.',
        unit: 's',
        limits: { warning: 0.5, critical: 1 },
        queries: [
          { expr: selector('scrape_duration_seconds'), legend: '{{instance}} waited' },
          { expr: quantile(0.99, 'scrapeDuration'), legend: '{{instance}} worked p99' },
        ],
      }),
      graph({
        title: 'Series',
        description:
          'Series of the last scrape: some thirty for each client that is connected or was recently.',
        unit: 'short',
        limits: { warning: 300_000, critical: 500_000 },
        queries: [{ expr: series('scrapeSeries'), legend: '{{instance}}' }],
      }),
    ],
  };
}
