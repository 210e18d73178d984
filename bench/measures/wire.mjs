import { join } from 'node:path';
import { ours, variants } from '../peers/peers.mjs';
import { cellsOf, nameOf, wireArguments } from './wireCells.mjs';
import { goodput, onTunnelWire } from './wireGoodput.mjs';
import { besides } from './wireShares.mjs';

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
  others: ({ cells }) => cellsOf(cells).map(nameOf),
  run: async (peer, context) => {
    const tasks = tasksOf(context).filter(({ figures }) => !figures.every(context.known));
    const directory = join(context.directory, 'wire');
    const server = await peer.serve(directory);
    let wireLateMs = 0;
    const late = (/** @type {number} */ ms) => (wireLateMs = Math.max(wireLateMs, ms));
    const site = { peer, directory, tunnel: server.address, late };
    try {
      for (const { figures, run } of tasks) {
        if (context.late()) break;
        try {
          context.keep({ ...(await run(site)), wireLateMs });
        } catch (error) {
          context.failed(figures, error);
        }
      }
    } finally {
      await server.daemon?.stop();
    }
    return { wireLateMs };
  },
};

/**
 * What has to be done, each on a wire of its own.
 * @param {import('./measure.mjs').Context} context
 * @returns {{ figures: readonly string[], run: (site: import('./wireGoodput.mjs').Site) => Promise<import('./measure.mjs').Values> }[]}
 */
function tasksOf({ effort, round }) {
  return [
    ...besides.map(({ cell, figures, work }) => ({
      figures,
      run: (/** @type {import('./wireGoodput.mjs').Site} */ site) =>
        onTunnelWire(site, wireArguments(cell, round), () => work(site.tunnel, effort)),
    })),
    ...cellsOf(effort.cells).map((cell) => ({
      figures: [nameOf(cell)],
      run: async (/** @type {import('./wireGoodput.mjs').Site} */ site) => ({
        [nameOf(cell)]: await goodput(site, cell, { seed: round, togetherMbit: effort.togetherMbit }),
      }),
    })),
  ];
}
