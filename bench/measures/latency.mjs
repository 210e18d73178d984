import { setTimeout as after } from 'node:timers/promises';
import { start } from '../daemon.mjs';
import { besideIperfServers } from '../load/iperf.mjs';
import { ping } from '../load/ping.mjs';

const port = 5202;
/** Until TCP has found its speed. */
const settleMs = 1_000;

/** @type {import('./measure.mjs').Measure} */
export const pingIdle = {
  name: 'pingIdle',
  quick: true,
  kind: 'tunnel',
  figures: {
    pingIdleP50: { title: 'ping, idle, median', unit: 'ms', better: 'lower' },
    pingIdleP99: { title: 'ping, idle, 99th percentile', unit: 'ms', better: 'lower' },
  },
  run: async ({ serverAddress }, { effort }) => {
    const { p50, p99 } = await ping(serverAddress, effort.pings);
    return { pingIdleP50: p50, pingIdleP99: p99 };
  },
};

/** @type {import('./measure.mjs').Measure} */
export const pingLoad = {
  name: 'pingLoad',
  quick: true,
  kind: 'tunnel',
  figures: {
    pingLoadP50: { title: 'ping beside a TCP flow, median', unit: 'ms', better: 'lower' },
    pingLoadP99: { title: 'ping beside a TCP flow, 99th percentile', unit: 'ms', better: 'lower' },
    pingLoadLost: { title: 'pings lost beside a TCP flow', unit: '%', better: 'lower' },
  },
  run: ({ serverAddress }, { effort }) =>
    besideIperfServers(serverAddress, [port], async () => {
      const load = start('client', ['iperf3', '-c', serverAddress, '-p', `${port}`, '-t', '60']);
      try {
        await after(settleMs);
        const { p50, p99, lost } = await ping(serverAddress, effort.pings);
        return { pingLoadP50: p50, pingLoadP99: p99, pingLoadLost: (100 * lost) / effort.pings };
      } finally {
        await load.stop();
      }
    }),
};
