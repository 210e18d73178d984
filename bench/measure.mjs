import { readFileSync } from 'node:fs';
import { run } from '../scripts/bootstrap/program.mjs';
import { start, eventually } from './daemon.mjs';
import { inside, mustRun } from './network.mjs';

/** What is measured, and the iperf3 arguments for it. `up` is from client to server. */
export const loads = {
  up1: ['-P', '1'],
  down1: ['-P', '1', '-R'],
  up4: ['-P', '4'],
  down4: ['-P', '4', '-R'],
};

/**
 * @typedef {object} Throughput
 * @property {number} mbitPerSecond at the receiver
 * @property {number | null} cpuSecondsPerGb both daemons together; null where there is none
 */

/**
 * One TCP load through a tunnel that is up.
 * @param {import('./peers/peers.mjs').Tunnel} tunnel
 * @param {keyof typeof loads} load
 * @param {number} seconds
 * @returns {Promise<Throughput>}
 */
export async function throughput({ serverAddress, pids }, load, seconds) {
  const server = start('server', ['iperf3', '-s', '-1', '-B', serverAddress]);
  try {
    await eventually('iperf3 server', () =>
      mustRun('ip', inside('server', ['ss', '-Hltn', 'sport = 5201'])).then(nonEmpty),
    );
    const before = cpuSeconds(pids);
    const { output } = await run(
      'ip',
      inside('client', ['iperf3', '-c', serverAddress, '-t', String(seconds), '-J', ...loads[load]]),
    );
    const used = cpuSeconds(pids) - before;
    const result = JSON.parse(output);
    if (result.error !== undefined) throw new Error(result.error);
    const { bytes, bits_per_second } = result.end.sum_received;
    return {
      mbitPerSecond: bits_per_second / 1e6,
      cpuSecondsPerGb: pids.length === 0 ? null : used / (bytes / 1e9),
    };
  } finally {
    await server.stop();
  }
}

/**
 * Median and 99th percentile of the round-trip time through an idle tunnel, milliseconds.
 * @param {import('./peers/peers.mjs').Tunnel} tunnel
 */
export async function latency({ serverAddress }) {
  const { output } = await run(
    'ip',
    inside('client', ['ping', '-n', '-i', '0.01', '-c', '200', '-W', '2', serverAddress]),
  );
  const times = [...output.matchAll(/time=([\d.]+)/g)].map((match) => Number(match[1])).sort((a, b) => a - b);
  return {
    p50: times[Math.floor(times.length * 0.5)] ?? null,
    p99: times[Math.floor(times.length * 0.99)] ?? null,
  };
}

/**
 * User and system time of processes so far; soft interrupts are not in it.
 * @param {readonly number[]} pids
 */
function cpuSeconds(pids) {
  const ticksPerSecond = 100;
  return pids.reduce((total, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return total + (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  }, 0);
}

/** @param {string} text */
function nonEmpty(text) {
  if (text.trim() === '') throw new Error('not there yet');
}
