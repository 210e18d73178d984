import { join } from 'node:path';
import { run } from '../bootstrap/program.mjs';
import { inRepository } from '../bootstrap/repository.mjs';

const workspaces = ['engine', join('bench', 'wire')];

/**
 * Runs the tests of all engine crates, and those of the benchmark's wire, and counts them.
 * @param {(line: string) => void} onLine
 * @returns {Promise<import('./vitest.mjs').Result>}
 */
export async function cargoTest(onLine) {
  /** @type {import('./vitest.mjs').Result} */
  const total = { passed: 0, failed: 0, skipped: [], output: '' };
  for (const folder of workspaces) {
    const { passed, failed, skipped, output } = await testWorkspace(folder, onLine);
    total.passed += passed;
    total.failed += failed;
    total.skipped = [...total.skipped, ...skipped];
    total.output += output;
  }
  return total;
}

/** @param {string} folder @param {(line: string) => void} onLine @returns {Promise<import('./vitest.mjs').Result>} */
async function testWorkspace(folder, onLine) {
  const { code, output } = await run('cargo', ['test', '--workspace', '--locked', '--no-fail-fast'], {
    cwd: inRepository(folder),
    onLine,
  });
  const results = [...output.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/gm)];
  /** @param {number} column */
  const sum = (column) => results.reduce((total, result) => total + Number(result[column]), 0);
  const failed = sum(2);
  return {
    passed: sum(1),
    // Code that does not compile, or a crate whose tests broke off, is a failure too.
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: [...output.matchAll(/^test (.*) \.\.\. ignored/gm)].map((match) => match[1] ?? ''),
    output,
  };
}
