import { run } from '../bootstrap/program.mjs';
import { inRepository } from '../bootstrap/repository.mjs';

/** @typedef {{ ok: boolean, output: string }} CheckResult */
/** @typedef {(onLine: (line: string) => void) => Promise<CheckResult>} Check */

/**
 * A check that is an npm package's program.
 * @param {string} script relative to node_modules
 * @param {readonly string[]} args
 * @returns {Check}
 */
export const node = (script, args) =>
  program(process.execPath, [inRepository('node_modules', script), ...args]);

/**
 * A check that is a program; it passes with exit code 0.
 * @param {string} name
 * @param {readonly string[]} args
 * @param {string} [folder] relative to the repository
 * @returns {Check}
 */
export const program =
  (name, args, folder = '.') =>
  async (onLine) => {
    const { code, output } = await run(name, args, { cwd: inRepository(folder), onLine });
    return { ok: code === 0, output };
  };
