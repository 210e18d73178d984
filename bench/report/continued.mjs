import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { StepFailure } from '../../scripts/bootstrap/failure.mjs';

/**
 * The results of an interrupted run. Fails when that did each thing for another time than this one will: medians over both would mean nothing.
 * @param {string} file
 * @param {import('../measures/measure.mjs').Effort} effort
 * @returns {import('./run.mjs').Report}
 */
export function readContinued(file, effort) {
  /** @type {import('./run.mjs').Report} */
  const report = JSON.parse(readFileSync(file, 'utf8'));
  const same = { ...effort, cells: report.effort.cells, rounds: report.effort.rounds };
  if (isDeepStrictEqual(report.effort, same)) return report;
  throw new StepFailure(
    'npm run bench',
    `${file} was measured with ${JSON.stringify(report.effort)}`,
    'use the same options as that run; only --rounds and --cells may differ',
  );
}
