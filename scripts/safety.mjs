import { bootstrap } from './bootstrap/bootstrap.mjs';
import { chooseNames, namesAndAbout } from './bootstrap/choice.mjs';
import { StepFailure, runMain } from './bootstrap/failure.mjs';
import { readFlags } from './bootstrap/flags.mjs';
import { Progress } from './bootstrap/progress.mjs';
import { run, tail } from './bootstrap/program.mjs';
import { inRepository } from './bootstrap/repository.mjs';
import { safetyRuns } from './safety/runs.mjs';

const toolchain = 'rustup toolchain install nightly --profile minimal --component rust-src --component miri';

await runMain(async () => {
  const { only, seconds } = readFlags({
    name: 'npm run safety',
    about: 'The engine under sanitizers, Miri and fuzzers; needs nightly Rust.',
    flags: {
      only: { is: 'text', shown: 'RUN[,RUN]', help: 'only these' },
      seconds: { is: 'number', shown: 'N', default: 180, help: 'for each fuzz target' },
    },
    more: `Runs:\n${namesAndAbout(safetyRuns({ seconds: 0, runtime: '' }))}`,
  });
  const runs = safetyRuns({ seconds, runtime: await gccRuntime() });
  const chosen = chooseNames('npm run safety', 'run', runs, only);
  await bootstrap({ packages: chosen.includes('native') });
  const { code, output } = await run('cargo', ['+nightly', 'miri', '--version']);
  if (code !== 0) throw new StepFailure('Nightly Rust', tail(output, 3), toolchain);
  const progress = new Progress();
  for (const name of chosen) {
    for (const step of runs[name]?.steps ?? []) await perform(progress, name, step);
  }
  return 0;
});

/** The library that has to be loaded before Node.js, which is not built for it: GCC's is of the same interface. */
async function gccRuntime() {
  const { output } = await run('cc', ['-print-file-name=libasan.so']);
  return output.trim();
}

/** @param {Progress} progress @param {string} name @param {import('./safety/runs.mjs').Step} step */
async function perform(progress, name, { program, args, folder, env }) {
  await progress.step(`${name}: ${args.slice(0, 4).join(' ')}`, async (say) => {
    const cwd = inRepository(folder);
    const { code, output } = await run(program, args, { cwd, env, onLine: (line) => say(line.slice(0, 60)) });
    if (code !== 0) throw new StepFailure(name, tail(output, 60), 'see above');
    for (const line of output.matchAll(
      /^(?:test result: .*|stat::number_of_executed_units: .*|\s*Tests .*)$/gm,
    )) {
      progress.note(`  ${line[0].trim()}`);
    }
  });
}
