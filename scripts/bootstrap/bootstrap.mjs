import { prepareEngine } from './engine.mjs';
import { withLock } from './lock.mjs';
import { checkNode } from './node.mjs';
import { prepareDependencies } from './npm.mjs';
import { Progress } from './progress.mjs';
import { preparePrograms } from './systemPackages.mjs';
import { prepareTypeScript, prepareWeb } from './typescript.mjs';

/**
 * @typedef {object} Needs what a command needs before it can run
 * @property {readonly import('./systemPackages.mjs').Program[]} [programs]
 * @property {'required' | 'wanted'} [programsAre] default `required`
 * @property {boolean} [engine] the built packet engine
 * @property {boolean} [packages] the compiled TypeScript packages and the web UI
 */

/**
 * Makes a checkout ready: npm dependencies always, the rest on demand. npm with TypeScript and cargo
 * run side by side. Does nothing, in well under a second, when nothing changed.
 * @param {Needs} needs
 */
export async function bootstrap({
  programs = [],
  programsAre = 'required',
  engine = false,
  packages = false,
}) {
  checkNode();
  const progress = new Progress();
  await withLock(
    (line) => progress.note(line),
    async () => {
      await preparePrograms(progress, engine ? [...programs, 'cc'] : programs, programsAre);
      const abort = new AbortController();
      /** @type {unknown[]} */
      const failures = [];
      /** @param {Promise<void>} work */
      const orStop = (work) =>
        work.catch((failure) => {
          failures.push(failure);
          abort.abort();
        });
      await Promise.all([
        orStop(prepareNode(progress, packages, abort.signal)),
        engine ? orStop(prepareEngine(progress, abort.signal)) : undefined,
      ]);
      // The first is the news; a second one was only stopped by it.
      if (failures.length > 0) throw failures[0];
    },
  );
}

/** @param {Progress} progress @param {boolean} packages @param {AbortSignal} signal */
async function prepareNode(progress, packages, signal) {
  await prepareDependencies(progress, signal);
  if (!packages) return;
  await prepareTypeScript(progress, signal);
  await prepareWeb(progress, signal);
}
