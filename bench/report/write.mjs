import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { inRepository } from '../../scripts/bootstrap/repository.mjs';

/**
 * Writes a run, by default into a file of bench/results named after its time; returns the path.
 * @param {import('./run.mjs').Report} report
 * @param {string} [path]
 */
export function writeResults(report, path = inRepository('bench', 'results', `${stamp(report)}.json`)) {
  const file = resolve(path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  return file;
}

/** @param {import('./run.mjs').Report} report */
const stamp = ({ takenAt }) => takenAt.slice(0, 19).replaceAll(':', '-');
