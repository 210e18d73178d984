import { run } from '../bootstrap/program.mjs';
import { inRepository } from '../bootstrap/repository.mjs';

/**
 * Runs the tests of all engine crates and counts them.
 * @param {(line: string) => void} onLine
 * @returns {Promise<import('./vitest.mjs').Result>}
 */
export async function cargoTest(onLine) {
  const { code, output } = await run('cargo', ['test', '--workspace', '--locked', '--no-fail-fast'], {
    cwd: inRepository('engine'),
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
