import { iperf } from '../load/iperf.mjs';
import { outer, plainEnds } from '../network.mjs';
import { answers } from '../peers/peer.mjs';
import { Wire } from '../wire.mjs';
import { innerFlows, loadOf, wireArguments } from './wireCells.mjs';

/**
 * @typedef {object} Site
 * @property {import('../peers/peer.mjs').Peer} peer
 * @property {string} directory of its server, which runs
 * @property {string} tunnel inner address of the server
 * @property {(ms: number) => void} late told how late each wire was at worst
 */

/**
 * Works with a fresh wire and a fresh connection of the client on it, so that nothing is left of what was before.
 * @template T
 * @param {Site} site
 * @param {readonly string[]} args of the wire
 * @param {() => Promise<T>} work
 */
export const onTunnelWire = (site, args, work) =>
  onWire(site, args, undefined, async () => {
    const client = await site.peer.connect(site.directory);
    try {
      await answers(site.tunnel, () => client?.output() ?? '');
      return await work();
    } finally {
      await client?.stop();
    }
  });

/**
 * Goodput in the tunnel ÷ that of plain TCP on a wire of the same kind, with the same seed, between two machines of its own.
 * @param {Site} site
 * @param {import('./wireCells.mjs').Cell} cell
 * @param {{ seed: number, togetherMbit: number }} options up to `togetherMbit` both loads run at once; above it one after the other, the
 * tunnel's first where the seed is odd
 */
export async function goodput(site, cell, { seed, togetherMbit }) {
  const args = wireArguments(cell, seed);
  const load = { args: ['-P', String(innerFlows[cell.inner]), '-C', cell.inner], ...loadOf(cell) };
  const plain = () =>
    onWire(site, args, plainEnds, () =>
      iperf({ serverAddress: outer.server, pids: [], ends: plainEnds }, load),
    );
  const inTunnel = () =>
    onTunnelWire(site, args, () => iperf({ serverAddress: site.tunnel, pids: [] }, load));
  const [below, above] =
    Math.max(...cell.mbit) <= togetherMbit
      ? await atOnce(plain, inTunnel)
      : await inTurn(plain, inTunnel, seed % 2 === 0);
  return above.mbitPerSecond / below.mbitPerSecond;
}

/**
 * @template T
 * @param {Site} site
 * @param {readonly string[]} args
 * @param {import('../network.mjs').Ends | undefined} ends
 * @param {() => Promise<T>} work
 */
async function onWire({ late }, args, ends, work) {
  const wire = await Wire.open(args, ends);
  try {
    return await work();
  } finally {
    await wire.close();
    late(wire.lateMs());
  }
}

/**
 * Ends when both have; an error of one is thrown then.
 * @template T
 * @param {() => Promise<T>} one
 * @param {() => Promise<T>} other
 * @returns {Promise<[T, T]>}
 */
async function atOnce(one, other) {
  const [first, second] = await Promise.allSettled([one(), other()]);
  if (first.status === 'rejected') throw first.reason;
  if (second.status === 'rejected') throw second.reason;
  return [first.value, second.value];
}

/**
 * @template T
 * @param {() => Promise<T>} one
 * @param {() => Promise<T>} other
 * @param {boolean} inOrder whether `one` comes first
 * @returns {Promise<[T, T]>}
 */
async function inTurn(one, other, inOrder) {
  if (inOrder) return [await one(), await other()];
  const second = await other();
  return [await one(), second];
}
