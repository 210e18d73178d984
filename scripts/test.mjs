import { mkdirSync, writeFileSync } from 'node:fs';
import { bootstrap } from './bootstrap/bootstrap.mjs';
import { chooseNames, namesAndAbout } from './bootstrap/choice.mjs';
import { StepFailure, runMain } from './bootstrap/failure.mjs';
import { readFlags } from './bootstrap/flags.mjs';
import { Progress } from './bootstrap/progress.mjs';
import { inRepository } from './bootstrap/repository.mjs';
import { areas } from './test/areas.mjs';

/** Areas that run side by side; more only makes them slower on two cores. */
const sideBySide = 2;

/** @typedef {import('./test/vitest.mjs').Result & { area: string, seconds: number }} AreaResult */

await runMain(async () => {
  const { only } = readFlags({
    name: 'npm test',
    about: 'Prepares this checkout and runs its tests.',
    flags: { only: { is: 'text', shown: 'AREA[,AREA]', help: 'of these areas' } },
    more: `Areas:\n${namesAndAbout(areas)}`,
  });
  const chosen = chooseNames('npm test', 'area', areas, only);
  const runnable = await prepare(chosen);
  const blocked = chosen.filter((name) => !runnable.includes(name));
  const results = await runAreas(runnable);
  return report(results, blocked);
});

/**
 * Prepares for all chosen areas; when that fails, for those that need only Node.
 * @param {readonly string[]} chosen
 * @returns {Promise<readonly string[]>} areas that can run
 */
async function prepare(chosen) {
  const needs = chosen.map((name) => /** @type {import('./test/areas.mjs').Area} */ (areas[name]).needs);
  try {
    await bootstrap({
      engine: needs.some((need) => need.engine === true),
      packages: needs.some((need) => need.packages === true),
      programs: [...new Set(needs.flatMap((need) => need.programs ?? []))],
    });
    return chosen;
  } catch (error) {
    const simple = chosen.filter((_, index) => Object.keys(needs[index] ?? {}).length === 0);
    if (!(error instanceof StepFailure) || simple.length === 0 || simple.length === chosen.length)
      throw error;
    console.error(`\n✗ ${error.step}\n  Why: ${error.reason}\n  Fix: ${error.fix}\n`);
    await bootstrap({});
    return simple;
  }
}

/**
 * Runs areas, two at a time, each with its log in .cache/test.
 * @param {readonly string[]} names
 */
async function runAreas(names) {
  mkdirSync(inRepository('.cache', 'test'), { recursive: true });
  const progress = new Progress();
  const waiting = [...names];
  /** @type {AreaResult[]} */
  const results = [];
  const worker = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const result = await runArea(name, progress, names.length === 1);
      results.push(result);
      if (result.failed > 0 && names.length > 1) progress.note(`\n${result.output}\n`);
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, worker));
  return results;
}

/**
 * @param {string} name
 * @param {Progress} progress
 * @param {boolean} alone then its output is shown as it comes
 * @returns {Promise<AreaResult>}
 */
async function runArea(name, progress, alone) {
  const { run } = /** @type {import('./test/areas.mjs').Area} */ (areas[name]);
  const startedMs = performance.now();
  const result = alone
    ? await run((line) => console.log(line))
    : await progress.step(`${name} tests`, (say) => run((line) => say(line.trim().slice(0, 60))));
  writeFileSync(inRepository('.cache', 'test', `${name}.log`), result.output);
  return { ...result, area: name, seconds: (performance.now() - startedMs) / 1000 };
}

/**
 * Says how it went; the last line is for machines.
 * @param {readonly AreaResult[]} results
 * @param {readonly string[]} blocked areas that could not be prepared; each counts as a failure
 * @returns {number} exit code
 */
function report(results, blocked) {
  console.log();
  for (const { area, passed, failed, skipped, seconds } of results) {
    const mark = failed === 0 ? '✓' : '✗';
    console.log(
      `${mark} ${area.padEnd(12)}${passed} passed, ${failed} failed, ${skipped.length} skipped (${seconds.toFixed(0)} s)`,
    );
    for (const name of skipped) console.log(`    skipped: ${name}`);
  }
  for (const area of blocked) console.log(`✗ ${area.padEnd(12)}did not run: see above`);
  /** @param {(result: AreaResult) => number} count */
  const sum = (count) => results.reduce((total, result) => total + count(result), 0);
  const failed = sum((result) => result.failed) + blocked.length;
  const skipped = sum((result) => result.skipped.length);
  console.log(
    `${sum((result) => result.passed)} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
  );
  return failed === 0 ? 0 : 1;
}
