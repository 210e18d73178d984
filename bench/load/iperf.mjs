import { run } from '../../scripts/bootstrap/program.mjs';
import { eventually, start } from '../daemon.mjs';
import { inside, mustRun, tunnelEnds } from '../network.mjs';
import { cpuSeconds } from './processes.mjs';

/** Time beyond the load itself after which a peer counts as stuck. */
const patienceMs = 15_000;
const defaultPort = 5201;

/**
 * @typedef {object} Load
 * @property {readonly string[]} args of iperf3, those that make the load
 * @property {number} seconds
 * @property {number} [cut] whole seconds before these that do not count
 * @property {string} [from] the client's own address
 * @property {number} [port]
 */

/**
 * @typedef {object} Flow
 * @property {number} mbitPerSecond what arrived
 * @property {number | null} cpuSecondsPerGb all processes of the tunnel together; null where there is none
 * @property {number} reordered datagrams that came behind later ones; 0 for TCP
 */

/**
 * @typedef {Pick<import('../peers/peer.mjs').Tunnel, 'serverAddress' | 'pids'>
 *   & { readonly ends?: import('../network.mjs').Ends }} Path those of the tunnel where nothing else is said
 */

/**
 * One load through a tunnel that is up. Fails when nothing arrives or it does not end in time.
 * @param {Path} path
 * @param {Load} load
 * @returns {Promise<Flow>}
 */
export const iperf = (path, load) =>
  besideIperfServers(
    path.serverAddress,
    [load.port ?? defaultPort],
    () => iperfClient(path, load),
    path.ends,
  );

/**
 * One load to a server that is there.
 * @param {Path} path
 * @param {Load} load
 * @returns {Promise<Flow>}
 */
export async function iperfClient(
  { serverAddress, pids, ends = tunnelEnds },
  { args, seconds, cut = 0, from, port = defaultPort },
) {
  const before = cpuSeconds(pids);
  const { output } = await run(
    'ip',
    inside(ends.client, [
      ...['iperf3', '-c', serverAddress, '-p', String(port), '-t', String(seconds), '-J'],
      ...(cut === 0 ? [] : ['-O', String(cut)]),
      ...['--connect-timeout', '3000', '--get-server-output', ...args],
      ...(from === undefined ? [] : ['-B', from]),
    ]),
    { signal: AbortSignal.timeout((cut + seconds) * 1000 + patienceMs) },
  );
  const used = cpuSeconds(pids) - before;
  const result = parse(output);
  const received = result.end.sum_received ?? result.end.sum;
  if (!(received.bytes > 0)) throw new Error('nothing arrived');
  return {
    mbitPerSecond: received.bits_per_second / 1e6,
    cpuSecondsPerGb: pids.length === 0 ? null : used / (received.bytes / 1e9),
    reordered: reordered(result) + reordered(result.server_output_json),
  };
}

/**
 * Works while iperf3's other end is there, for one load on each port.
 * @template T
 * @param {string} address
 * @param {readonly number[]} ports
 * @param {() => Promise<T>} work
 * @param {import('../network.mjs').Ends} [ends]
 */
export async function besideIperfServers(address, ports, work, ends = tunnelEnds) {
  const servers = ports.map((port) =>
    start(ends.server, ['iperf3', '-s', '-1', '-J', '-B', address, '-p', String(port)]),
  );
  try {
    await eventually(
      'iperf3 server',
      async () => {
        const listening = await mustRun('ip', inside(ends.server, ['ss', '-Hltn']));
        const absent = ports.findIndex((port) => !listening.includes(`${address}:${port} `));
        if (absent >= 0) throw new Error(servers[absent]?.output());
      },
      { everyMs: 20 },
    );
    return await work();
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

/** @param {string} output */
function parse(output) {
  const begin = output.indexOf('{');
  /** @type {any} */
  let result;
  try {
    result = JSON.parse(output.slice(begin));
  } catch {
    throw new Error(`iperf3 did not end: ${output.slice(0, 200)}`);
  }
  if (result.error !== undefined) throw new Error(`iperf3: ${result.error}`);
  return result;
}

/** @param {any} result @returns {number} */
function reordered(result) {
  /** @type {any[]} */
  const streams = result?.end?.streams ?? [];
  return streams.reduce((sum, stream) => sum + (stream.udp?.out_of_order ?? 0), 0);
}
