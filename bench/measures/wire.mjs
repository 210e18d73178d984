import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { start } from '../daemon.mjs';
import { besideIperfServers, iperf } from '../load/iperf.mjs';
import { ping } from '../load/ping.mjs';
import { outer } from '../network.mjs';
import { answers } from '../peers/peer.mjs';
import { ours, variants } from '../peers/peers.mjs';
import { Wire } from '../wire.mjs';
import { cellsOf, innerFlows, nameOf, wireArguments } from './wireCells.mjs';

/** @typedef {import('./wireCells.mjs').Cell} Cell */

const settleMs = 1_000;
const share = { rttMs: 20, mbit: [100], lossPercent: 0, burst: 1, reorderPercent: 0 };

/**
 * Our tunnel on lossy wires beside plain TCP on the same wire. Figures of cells have the cell's name.
 * @type {import('./measure.mjs').Measure}
 */
export const wire = {
  name: 'wire',
  quick: false,
  kind: 'peer',
  suits: ({ name }) => name === ours || variants.includes(name),
  figures: {
    wireBlastShare: {
      title: 'share left to a plain Cubic flow beside a UDP blast',
      unit: 'ratio',
      better: 'higher',
    },
    wireCubicShare1: { title: 'share left beside one inner Cubic, 1 BDP', unit: 'ratio', better: 'higher' },
    wireCubicShare4: { title: 'share left beside one inner Cubic, 4 BDP', unit: 'ratio', better: 'higher' },
    wirePingP50: { title: 'ping under load ÷ round trip, median', unit: 'ratio', better: 'lower' },
    wirePingP99: { title: 'ping under load ÷ round trip, 99th percentile', unit: 'ratio', better: 'lower' },
    wirePingLost: { title: 'pings lost under load', unit: '%', better: 'lower' },
    wireLateMs: { title: 'latest packet of the emulation itself', unit: 'ms', better: 'lower' },
  },
  run: async (peer, context) => {
    const directory = join(context.directory, 'wire');
    const server = await peer.serve(directory);
    /** @type {Record<string, number | null>} */
    const values = { wireLateMs: 0 };
    /** @param {Omit<Cell, 'inner'>} cell @param {(tunnel: string) => Promise<Record<string, number | null>>} work */
    const on = async (cell, work) => {
      if (context.late()) return;
      const { wire: ended, found } = await onWire(
        peer,
        { ...cell, inner: 'cubic' },
        directory,
        server.address,
        work,
      );
      Object.assign(values, found);
      values['wireLateMs'] = Math.max(values['wireLateMs'] ?? 0, ended.lateMs());
    };
    try {
      for (const cell of cellsOf(context.effort.cells)) {
        await on(cell, (tunnel) => goodput(cell, tunnel, context.effort.seconds));
      }
      await on({ ...share, bdp: 1 }, (tunnel) => blast(tunnel, context.effort.seconds));
      for (const bdp of [1, 4]) {
        await on({ ...share, bdp }, async (tunnel) => ({
          [`wireCubicShare${bdp}`]: await cubicShare(tunnel, context.effort.seconds),
        }));
      }
      await on({ ...share, bdp: 4 }, (tunnel) => pingUnderLoad(tunnel, context.effort.pings, share.rttMs));
    } finally {
      await server.daemon?.stop();
    }
    return values;
  },
};

/**
 * @param {import('../peers/peer.mjs').Peer} peer
 * @param {Cell} cell
 * @param {string} directory
 * @param {string} tunnel inner address of the server
 * @param {(tunnel: string) => Promise<Record<string, number | null>>} work
 */
async function onWire(peer, cell, directory, tunnel, work) {
  const wire = await Wire.open(wireArguments(cell));
  try {
    const client = await peer.connect(directory);
    try {
      await answers(tunnel, () => client?.output() ?? '');
      const found = await work(tunnel);
      return { found, wire };
    } finally {
      await client?.stop();
    }
  } finally {
    await wire.close();
  }
}

/** @param {Cell} cell @param {string} tunnel @param {number} seconds */
async function goodput(cell, tunnel, seconds) {
  const args = ['-P', String(innerFlows[cell.inner]), '-C', cell.inner];
  const plain = await iperf({ serverAddress: outer.server, pids: [] }, { args, seconds });
  const inTunnel = await iperf({ serverAddress: tunnel, pids: [] }, { args, seconds });
  return { [nameOf(cell)]: inTunnel.mbitPerSecond / plain.mbitPerSecond };
}

/** Three times the wire's rate of UDP into the tunnel, and one flow outside it. @param {string} tunnel @param {number} seconds */
async function blast(tunnel, seconds) {
  const rate = 3 * (share.mbit[0] ?? 0);
  const command = ['iperf3', '-c', tunnel, '-p', '5210', '-u', '-b', `${rate}M`, '-l', '1200', '-t', '60'];
  return { wireBlastShare: await shareBeside(tunnel, command, seconds) };
}

/** One Cubic flow in the tunnel and one outside it. @param {string} tunnel @param {number} seconds */
const cubicShare = (tunnel, seconds) =>
  shareBeside(tunnel, ['iperf3', '-c', tunnel, '-p', '5210', '-C', 'cubic', '-t', '60'], seconds);

/**
 * What a plain Cubic flow gets of the wire beside a load in the tunnel.
 * @param {string} tunnel
 * @param {readonly string[]} command
 * @param {number} seconds
 */
function shareBeside(tunnel, command, seconds) {
  return besideIperfServers(tunnel, [5210], async () => {
    const load = start('client', command);
    try {
      await after(settleMs);
      // Twice as long: two flows need a while to agree.
      const plain = { args: ['-C', 'cubic'], seconds: 2 * seconds };
      const { mbitPerSecond } = await iperf({ serverAddress: outer.server, pids: [] }, plain);
      return mbitPerSecond / (share.mbit[0] ?? 1);
    } finally {
      await load.stop();
    }
  });
}

/** @param {string} tunnel @param {number} pings @param {number} rttMs */
function pingUnderLoad(tunnel, pings, rttMs) {
  const command = ['iperf3', '-c', tunnel, '-p', '5211', '-P', '8', '-C', 'cubic', '-t', '60'];
  return besideIperfServers(tunnel, [5211], async () => {
    const load = start('client', command);
    try {
      await after(2 * settleMs);
      const { p50, p99, lost } = await ping(tunnel, pings);
      return {
        wirePingP50: p50 === null ? null : p50 / rttMs,
        wirePingP99: p99 === null ? null : p99 / rttMs,
        wirePingLost: (100 * lost) / pings,
      };
    } finally {
      await load.stop();
    }
  });
}
