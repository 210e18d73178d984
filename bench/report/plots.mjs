import { ours, peers } from '../peers/peers.mjs';
import { floorOf, cellsOf, nameOf } from '../measures/wireCells.mjs';
import { figureNames, figureOf } from './figures.mjs';
import { barChart } from './barChart.mjs';

/** @typedef {import('./publish.mjs').Kept} Kept */

/** What each plot shows; the bare wire is left out where it would make all others small. */
const groups = {
  tcp: { title: 'TCP goodput', figures: ['tcpUp', 'tcpDown', 'tcp4Up', 'tcp4Down'], raw: false },
  cpu: { title: 'CPU time per gigabyte', figures: ['cpuPerGb', 'cpuPerGbDown'], raw: false },
  udp: { title: 'UDP goodput at 3 Gbit/s offered', figures: ['udpUp', 'udpDown'], raw: false },
  smallPackets: { title: 'Small packets', figures: ['smallUp', 'smallDown'], raw: false },
  latency: { title: 'Latency', figures: ['pingIdleP50', 'pingLoadP50', 'pingLoadP99'], raw: true },
  sessions: {
    title: 'Sessions',
    figures: ['setupsPerCpuSecond', 'memoryPerSession', 'startToAnswer'],
    raw: false,
  },
};

export const plotTitles = {
  ...Object.fromEntries(Object.entries(groups).map(([name, { title }]) => [name, title])),
  lossyWire: 'Goodput on lossy wires as a share of plain TCP’s',
};

/**
 * SVG by file name.
 * @param {readonly Kept[]} runs
 * @returns {Record<string, string>}
 */
export function plots(runs) {
  /** @type {import('./results.mjs').Spreads} */
  const spreads = Object.assign({}, ...runs.map((run) => run.spreads));
  const names = peers.map(({ name }) => name);
  const charts = Object.entries(groups).map(([file, { title, figures, raw }]) => [
    file,
    barChart(
      title,
      figures.map((figure) => ({
        title: `${figureOf(figure).title}, ${figureOf(figure).unit}`,
        bars: names
          .filter((peer) => raw || peer !== 'raw')
          .flatMap((peer) => {
            const spread = spreads[figure]?.[peer];
            return spread === undefined
              ? []
              : [{ label: peer, ...spread, strong: peer === ours, mark: null }];
          }),
      })),
    ),
  ]);
  return { ...Object.fromEntries(charts), lossyWire: lossyWire(spreads) };
}

/** @param {import('./results.mjs').Spreads} spreads */
function lossyWire(spreads) {
  const floors = new Map(cellsOf('all').map((cell) => [nameOf(cell), floorOf(cell)]));
  const bars = Object.entries(spreads).flatMap(([figure, byPeer]) => {
    const spread = byPeer[ours];
    if (figureNames.includes(figure) || spread === undefined) return [];
    return [{ label: figure, ...spread, strong: true, mark: floors.get(figure) ?? null }];
  });
  return barChart(plotTitles.lossyWire, [{ title: 'the tick is the target', bars }]);
}
