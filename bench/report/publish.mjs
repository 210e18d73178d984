import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { inRepository } from '../../scripts/bootstrap/repository.mjs';
import { generated } from './document.mjs';
import { plots } from './plots.mjs';
import { mapValues } from './results.mjs';
import { writeFormatted } from './writeFormatted.mjs';

const published = inRepository('bench', 'results', 'published.json');
const document = inRepository('docs', 'performance.md');
const begin = '<!-- bench:begin, written by "npm run bench -- --publish" -->';
const end = '<!-- bench:end -->';
const digits = 4;

/** @typedef {import('./run.mjs').Report} Report */
/** @typedef {Omit<Report, 'samples' | 'targets' | 'ratios' | 'medians'>} Kept what is kept of a run */

/**
 * Puts a run into docs/performance.md: its figures replace those of older runs, whose other figures stay. Returns the files written.
 * @param {Report} report
 */
export async function publish(report) {
  const kept = keptOf(report);
  /** @type {Kept[]} */
  const before = existsSync(published) ? JSON.parse(readFileSync(published, 'utf8')).runs : [];
  const older = before.flatMap((run) => {
    const left = Object.entries(run.spreads).filter(([figure]) => !(figure in kept.spreads));
    return left.length === 0 ? [] : [{ ...run, spreads: Object.fromEntries(left) }];
  });
  const runs = [
    ...older,
    { ...kept, spreads: mapValues(kept.spreads, (byPeer) => mapValues(byPeer, rounded)) },
  ];
  await writeFormatted(published, JSON.stringify({ runs }));
  const charts = Object.entries(plots(runs)).map(([name, svg]) => {
    mkdirSync(inRepository('docs', 'performance'), { recursive: true });
    const path = inRepository('docs', 'performance', `${name}.svg`);
    writeFileSync(path, svg);
    return path;
  });
  const text = readFileSync(document, 'utf8');
  const [head, rest = ''] = text.split(begin);
  const tail = rest.split(end)[1] ?? '';
  await writeFormatted(document, `${head}${begin}\n\n${generated(runs)}\n\n${end}${tail}`);
  return [published, document, ...charts];
}

/** @param {Report} report @returns {Kept} */
function keptOf({ takenAt, minutes, machine, noise, effort, missing, spreads, counts, problems }) {
  return { takenAt, minutes, machine, noise, effort, missing, spreads, counts, problems };
}

/** @param {import('./results.mjs').Spread} spread @returns {import('./results.mjs').Spread} */
const rounded = ({ median, least, most, times }) => ({
  median: short(median),
  least: short(least),
  most: short(most),
  times,
});

/** @param {number} value */
const short = (value) => Number(value.toPrecision(digits));
