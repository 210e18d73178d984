import { figureOf, inOrder, show } from './figures.mjs';

/** @typedef {import('./run.mjs').Report} Report */

/**
 * A run for a terminal.
 * @param {Report} report
 */
export function printed(report) {
  const { targets, missing, problems, counts, noise } = report;
  const judged = targets.filter(({ met }) => met !== null);
  const missed = judged.filter(({ met }) => met === false);
  return [
    figureTable(report),
    ...judged.map(
      ({ text, wanted, value, met }) =>
        `${met === true ? 'met   ' : 'MISSED'}  ${text}: ${show(value ?? 0)}, wanted ${wanted}`,
    ),
    '',
    `${judged.length - missed.length} targets met, ${missed.length} missed, ${targets.length - judged.length} not measured in this run`,
    ...Object.entries(counts).map(([peer, sums]) => `${peer}: ${JSON.stringify(sums)}`),
    ...Object.entries(missing).map(([peer, reason]) => `${peer} is missing: ${reason}`),
    ...problems.map(({ peer, round, problem }) => `${peer}, round ${round}: ${problem}`),
    `others used ${(noise.othersShare * 100).toFixed(0)} % of this machine meanwhile`,
  ].join('\n');
}

/** @param {Report} report */
function figureTable({ medians, ratios }) {
  const peers = [...new Set(Object.values(medians).flatMap(Object.keys))];
  const rows = inOrder(Object.keys(medians)).map((name) => {
    const { title, unit } = figureOf(name);
    const cells = peers.map((peer) => {
      const value = medians[name]?.[peer];
      const ratio = ratios[name]?.[peer];
      if (value === undefined) return '–';
      return ratio === undefined ? show(value) : `${show(value)} (×${show(ratio)})`;
    });
    return [`${title}, ${unit}`, ...cells];
  });
  const table = [['ours ÷ peer in brackets', ...peers], ...rows];
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => (row[column] ?? '').length)),
  );
  return table
    .map((row) => row.map((cell, column) => cell.padEnd((widths[column] ?? 0) + 2)).join(''))
    .join('\n')
    .concat('\n');
}
