import { ours, peers } from '../peers/peers.mjs';
import { figureOf, figureNames, inOrder, show } from './figures.mjs';
import { plotTitles } from './plots.mjs';
import { mediansOf } from './results.mjs';
import { judge } from './targets.mjs';

/** @typedef {import('./publish.mjs').Kept} Kept */

/**
 * The generated part of docs/performance.md.
 * @param {readonly Kept[]} runs
 */
export function generated(runs) {
  return [
    '## Targets',
    targetTable(runs),
    ...runs.flatMap((run, index) => runSection(run, index + 1)),
    '## Plots',
    'Bars are medians, lines the range.',
    ...Object.entries(plotTitles).map(([name, title]) => `![${title}](performance/${name}.svg)`),
  ].join('\n\n');
}

/** @param {readonly Kept[]} runs */
function targetTable(runs) {
  const judged = judge(Object.assign({}, ...runs.map(({ spreads }) => mediansOf(spreads))));
  const known = judged.filter(({ met }) => met !== null);
  const missed = known.filter(({ met }) => met === false);
  const row = (/** @type {typeof judged[number]} */ { figure, text, wanted, value, met }) => [
    text,
    wanted,
    value === null ? '–' : show(value),
    met === null ? 'not measured' : met ? 'met' : '**missed**',
    rangeOf(runs, figure),
  ];
  const cells = judged.filter(({ figure }) => !figureNames.includes(figure));
  const others = judged.filter(({ figure }) => figureNames.includes(figure));
  const unmeasured = cells.filter(({ met }) => met === null).length;
  return [
    `Of ${judged.length} targets, ${known.length - missed.length} are met, ${missed.length} missed and ${judged.length - known.length} not measured.`,
    table(
      ['', 'wanted', 'measured', '', 'ours, range'],
      [...others, ...cells.filter(({ met }) => met !== null)].map(row),
    ),
    ...(unmeasured > 0
      ? [`${unmeasured} of ${cells.length} cells of the lossy wire were not measured.`]
      : []),
  ].join('\n\n');
}

/** @param {readonly Kept[]} runs @param {string} figure */
function rangeOf(runs, figure) {
  const own = runs.map(({ spreads }) => spreads[figure]?.[ours]).find((spread) => spread !== undefined);
  return own === undefined
    ? '–'
    : `${show(own.median)} (${show(own.least)}–${show(own.most)}) ${unitOf(figure)}`;
}

/** @param {string} figure */
const unitOf = (figure) => figureOf(figure).unit.replace('ratio', '');

/** @param {Kept} run @param {number} number */
function runSection(run, number) {
  const { machine, effort, noise, missing, problems, counts } = run;
  const present = peers.map(({ name }) => name).filter((name) => isIn(run, name));
  const facts = [
    `Begun ${run.takenAt.slice(0, 16).replace('T', ' ')} UTC, ${run.minutes} minutes, rounds: ${effort.rounds}, loads of ${effort.seconds} s, ${effort.sessions} idle sessions for \`memory\`. `,
    `${machine.cores} cores of ${machine.processor}, ${machine.memoryGb} GB, ${machine.system}, Linux ${machine.kernel}, Node.js ${machine.node}, `,
    `TCP of the machine: ${machine.tcpCongestionControl}. While nothing of the benchmark ran, other processes used ${(noise.othersShare * 100).toFixed(0)} % of the machine (median).`,
  ].join('');
  return [
    `## Run ${number}`,
    facts,
    table(
      ['median (range)', ...present],
      inOrder(Object.keys(run.spreads)).map((figure) => [
        `${figureOf(figure).title}, ${figureOf(figure).unit}`,
        ...present.map((peer) => cell(run, figure, peer)),
      ]),
    ),
    ...(Object.keys(counts).length === 0
      ? []
      : [
          'Counted along the way: TCP segments with a wrong checksum (`TcpInCsumErrors`), transfers whose SHA-256 differed or agreed, datagrams that were overtaken.',
          table(
            ['', 'wrong checksums', 'corrupt transfers', 'intact transfers', 'reordered datagrams'],
            Object.entries(counts).map(([peer, sums]) => [
              peer,
              ...['tcpChecksumErrors', 'corruptTransfers', 'intactTransfers', 'reorderedDatagrams'].map(
                (what) => String(sums[what] ?? 0),
              ),
            ]),
          ),
        ]),
    ...Object.entries(missing).map(([peer, reason]) => `- ${peer} is missing: ${reason}`),
    ...[...new Set(problems.map(({ peer, problem }) => `- ${peer} failed: ${firstLine(problem)}`))],
  ];
}

/** @param {string} text */
const firstLine = (text) => `\`${(text.split('\n')[0] ?? '').slice(0, 120).replaceAll('`', "'")}\``;

/** @param {Kept} run @param {string} peer */
const isIn = (run, peer) => Object.values(run.spreads).some((byPeer) => peer in byPeer);

/** @param {Kept} run @param {string} figure @param {string} peer */
function cell({ spreads }, figure, peer) {
  const spread = spreads[figure]?.[peer];
  if (spread === undefined) return '–';
  const { median, least, most, times } = spread;
  return times === 1 ? show(median) : `${show(median)} (${show(least)}–${show(most)})`;
}

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} rows */
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
