import { bootstrap } from './bootstrap/bootstrap.mjs';
import { StepFailure, runMain } from './bootstrap/failure.mjs';
import { readFlags } from './bootstrap/flags.mjs';
import { Progress } from './bootstrap/progress.mjs';
import { checks } from './check/checks.mjs';

/** Checks that run side by side. */
const sideBySide = 2;

await runMain(async () => {
  const names = Object.keys(checks).join(', ');
  const { only } = readFlags({
    name: 'npm run check',
    about: 'Everything static: formatting, lint, types, import directions, unused code.',
    flags: { only: { is: 'text', shown: 'NAME', help: 'checks whose name contains this' } },
    more: `Checks: ${names}`,
  });
  const chosen = Object.entries(checks).filter(([name]) => only === undefined || name.includes(only));
  if (chosen.length === 0) {
    throw new StepFailure('npm run check', `no check ${only}`, `choose from: ${names}`);
  }
  await bootstrap({ packages: true });
  const failed = await runChecks(chosen);
  console.log(failed.length === 0 ? `${chosen.length} checks passed` : `failed: ${failed.join(', ')}`);
  return failed.length === 0 ? 0 : 1;
});

/**
 * @param {[string, import('./check/commands.mjs').Check][]} chosen
 * @returns {Promise<string[]>} names of those that failed
 */
async function runChecks(chosen) {
  const progress = new Progress();
  const waiting = [...chosen];
  /** @type {string[]} */
  const failed = [];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [name, check] = next;
      await runCheck(progress, name, check).catch((error) => {
        if (!(error instanceof StepFailure)) throw error;
        failed.push(name);
        progress.note(error.reason);
      });
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, worker));
  return failed;
}

/** @param {Progress} progress @param {string} name @param {import('./check/commands.mjs').Check} check */
async function runCheck(progress, name, check) {
  await progress.step(name, async (say) => {
    const { ok, output } = await check((line) => say(line.trim().slice(0, 60)));
    if (!ok) throw new StepFailure(name, output, 'see above');
  });
}
