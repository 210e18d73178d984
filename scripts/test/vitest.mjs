import { readFileSync, rmSync } from 'node:fs';
import { run } from '../bootstrap/program.mjs';
import { inPrivateNetwork } from '../bootstrap/privateNetwork.mjs';
import { inRepository } from '../bootstrap/repository.mjs';

/**
 * @typedef {object} Result
 * @property {number} passed
 * @property {number} failed
 * @property {readonly string[]} skipped names of the tests that did not run
 * @property {string} output
 */

/**
 * Runs one vitest project and counts its tests.
 * @param {string} project
 * @param {{ privateNetwork?: boolean, workers?: number }} [options] `workers`: test files that run side by side
 * @returns {(onLine: (line: string) => void) => Promise<Result>}
 */
export const vitest =
  (project, { privateNetwork = false, workers = 2 } = {}) =>
  async (onLine) => {
    const report = inRepository('.cache', 'test', `${project}.json`);
    rmSync(report, { force: true });
    const args = [
      inRepository('node_modules', 'vitest', 'vitest.mjs'),
      'run',
      ...['--project', project, '--maxWorkers', String(workers)],
      ...['--reporter', 'default', '--reporter', 'json', '--outputFile.json', report],
    ];
    const command = privateNetwork
      ? await inPrivateNetwork(process.execPath, args)
      : { name: process.execPath, args, env: {} };
    const { code, output } = await run(command.name, command.args, {
      env: { ...command.env, NO_COLOR: '1' },
      onLine,
    });
    return count(report, code, output);
  };

/**
 * A file that could not even be loaded counts as one failed test, and so does a run that broke off.
 * @param {string} report
 * @param {number} code
 * @param {string} output
 * @returns {Result}
 */
function count(report, code, output) {
  /** @type {{ testResults: { name: string, status: string, assertionResults: { fullName: string, status: string }[] }[] }} */
  let parsed;
  try {
    parsed = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, skipped: [], output };
  }
  const tests = parsed.testResults.flatMap((file) => file.assertionResults);
  const failedTests = tests.filter((test) => test.status === 'failed').length;
  const brokenFiles = parsed.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const failed = failedTests + brokenFiles;
  return {
    passed: tests.filter((test) => test.status === 'passed').length,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: tests.filter((test) => !['passed', 'failed'].includes(test.status)).map((test) => test.fullName),
    output,
  };
}
