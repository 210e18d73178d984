import { existsSync, readFileSync } from 'node:fs';
import { StepFailure } from './failure.mjs';
import { run, tail } from './program.mjs';
import { inRepository } from './repository.mjs';
import { isStamped, stamp } from './stamp.mjs';

/**
 * Installs the npm dependencies when what is installed is not what the lock file says.
 * @param {import('./progress.mjs').Progress} progress
 * @param {AbortSignal} signal stops the work
 */
export async function prepareDependencies(progress, signal) {
  if (isInstalled()) return;
  await progress.step('npm dependencies', async (say) => {
    say('npm ci, which compiles SQLite where no prebuilt one fits');
    const { code, output } = await run('npm', ['ci', '--no-progress'], {
      // Warnings are about packages, not about what is going on.
      onLine: (line) => {
        if (!line.startsWith('npm warn')) say(line);
      },
      signal,
    });
    if (code === 0) return;
    throw new StepFailure(
      'npm dependencies',
      `npm ci ended with code ${code}:\n       ${tail(output)}`,
      output.includes('gyp')
        ? 'a package needs a compiler here: install one (Debian, Ubuntu: sudo apt-get install -y build-essential python3), then run this again'
        : 'check the network and the registry setting (npm config get registry), then run this again',
    );
  });
  stamp('node-abi', process.versions.modules);
}

/** npm writes what it installed to node_modules/.package-lock.json; that is compared, so `npm install` by hand counts too. */
function isInstalled() {
  const installedPath = inRepository('node_modules', '.package-lock.json');
  if (!existsSync(installedPath)) return false;
  // Compiled packages belong to one Node ABI.
  if (!isStamped('node-abi', process.versions.modules)) {
    if (existsSync(inRepository('.cache', 'stamps', 'node-abi'))) return false;
    stamp('node-abi', process.versions.modules);
  }
  const wanted = JSON.parse(readFileSync(inRepository('package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedPath, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      !path.includes('node_modules/') ||
      entry.optional === true ||
      (path in installed && installed[path].version === entry.version),
  );
}
