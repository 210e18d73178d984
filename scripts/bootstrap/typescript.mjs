import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bundleCommand, bundledEntry, commandEntry } from './commandBundle.mjs';
import { StepFailure } from './failure.mjs';
import { run, tail } from './program.mjs';
import { inRepository } from './repository.mjs';
import { filesBelow, fingerprint, isStamped, stamp } from './stamp.mjs';

const compiler = inRepository('node_modules', 'typescript', 'bin', 'tsc');

const bundler = inRepository('node_modules', 'vite', 'bin', 'vite.js');

/** What the processes run; the stamp counts only while they are there. */
const entries = [commandEntry, bundledEntry, inRepository('e2e', 'dist', 'demo', 'main.js')];

/** The page that the server sends. */
const page = join('packages', 'web', 'dist', 'index.html');

/**
 * Compiles the TypeScript packages and bundles the command, unless they are compiled from exactly these sources.
 * @param {import('./progress.mjs').Progress} progress
 * @param {AbortSignal} signal stops the work
 */
export async function prepareTypeScript(progress, signal) {
  const sources = [
    ...filesBelow('packages').filter((path) => !path.startsWith(join('packages', 'web', '/'))),
    ...filesBelow('e2e'),
    'tsconfig.json',
    'tsconfig.base.json',
    'package-lock.json',
  ];
  const state = fingerprint(sources, [process.version]);
  if (isStamped('typescript', state) && entries.every((entry) => existsSync(entry))) return;
  await progress.step('TypeScript packages', async () => {
    const { code, output } = await run(process.execPath, [compiler, '-b'], { signal });
    if (code !== 0) {
      throw new StepFailure(
        'TypeScript packages',
        `tsc -b found errors:\n       ${tail(output, 30)}`,
        'correct them, then run this again',
      );
    }
    await bundleCommand();
  });
  stamp('typescript', state);
}

/**
 * Builds the web UI, unless it is built from exactly these sources.
 * @param {import('./progress.mjs').Progress} progress
 * @param {AbortSignal} signal stops the work
 */
export async function prepareWeb(progress, signal) {
  const state = fingerprint([...filesBelow(join('packages', 'web')), 'package-lock.json'], [process.version]);
  if (isStamped('web', state) && existsSync(inRepository(page))) return;
  await progress.step('web UI', async () => {
    const options = { cwd: inRepository('packages', 'web'), signal };
    const { code, output } = await run(process.execPath, [bundler, 'build'], options);
    if (code !== 0) {
      throw new StepFailure(
        'web UI',
        `vite build ended with code ${code}:\n       ${tail(output, 30)}`,
        'correct it, then run this again',
      );
    }
  });
  stamp('web', state);
}
