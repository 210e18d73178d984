import { setTimeout as after } from 'node:timers/promises';
import { start } from '../daemon.mjs';
import { besideIperfServers, iperf } from '../load/iperf.mjs';
import { ping } from '../load/ping.mjs';
import { outer } from '../network.mjs';

/** @typedef {import('./measure.mjs').Effort} Effort */
/** @typedef {import('./measure.mjs').Values} Values */

const settleMs = 1_000;
const rttMs = 20;
const mbit = 100;
const wire = { rttMs, mbit: [mbit], lossPercent: 0, burst: 1, reorderPercent: 0 };

/**
 * Loads of the tunnel with something beside them on the same wire.
 * @typedef {object} Beside
 * @property {Omit<import('./wireCells.mjs').Cell, 'inner'>} cell
 * @property {readonly string[]} figures
 * @property {(tunnel: string, effort: Effort) => Promise<Values>} work told the server's inner address
 */

/** @type {readonly Beside[]} */
export const besides = [
  {
    cell: { ...wire, bdp: 1 },
    figures: ['wireBlastShare'],
    // Three times the wire's rate of UDP.
    work: async (tunnel, { seconds }) => ({
      wireBlastShare: await shareBeside(tunnel, ['-u', '-b', `${3 * mbit}M`, '-l', '1200'], seconds),
    }),
  },
  ...[1, 4].map((bdp) => ({
    cell: { ...wire, bdp },
    figures: [`wireCubicShare${bdp}`],
    work: async (/** @type {string} */ tunnel, /** @type {Effort} */ { seconds }) => ({
      [`wireCubicShare${bdp}`]: await shareBeside(tunnel, ['-C', 'cubic'], seconds),
    }),
  })),
  {
    cell: { ...wire, bdp: 4 },
    figures: ['wirePingP50', 'wirePingP99', 'wirePingLost'],
    work: (tunnel, { pings }) => pingUnderLoad(tunnel, pings),
  },
];

/**
 * What a plain Cubic flow gets of the wire beside a load in the tunnel.
 * @param {string} tunnel
 * @param {readonly string[]} load arguments of iperf3
 * @param {number} seconds
 */
const shareBeside = (tunnel, load, seconds) =>
  besideLoad(tunnel, load, settleMs, async () => {
    // Twice as long: two flows need a while to agree.
    const plain = { args: ['-C', 'cubic'], seconds: 2 * seconds };
    const { mbitPerSecond } = await iperf({ serverAddress: outer.server, pids: [] }, plain);
    return mbitPerSecond / mbit;
  });

/** @param {string} tunnel @param {number} pings @returns {Promise<Values>} */
const pingUnderLoad = (tunnel, pings) =>
  besideLoad(tunnel, ['-P', '8', '-C', 'cubic'], 2 * settleMs, async () => {
    const { p50, p99, lost } = await ping(tunnel, pings);
    return {
      wirePingP50: p50 === null ? null : p50 / rttMs,
      wirePingP99: p99 === null ? null : p99 / rttMs,
      wirePingLost: (100 * lost) / pings,
    };
  });

/**
 * @template T
 * @param {string} tunnel
 * @param {readonly string[]} args of iperf3
 * @param {number} aloneMs how long the load is alone before
 * @param {() => Promise<T>} work
 */
function besideLoad(tunnel, args, aloneMs, work) {
  const port = 5210;
  return besideIperfServers(tunnel, [port], async () => {
    const load = start('client', ['iperf3', '-c', tunnel, '-p', String(port), '-t', '60', ...args]);
    try {
      await after(aloneMs);
      return await work();
    } finally {
      await load.stop();
    }
  });
}
