// npm run demo, inside its private network.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Lab } from '../lab/lab.js';
import { enterPrivateNetwork } from '../network/privateNetwork.js';
import { Cleanup } from '../process/cleanup.js';
import { lookAround } from './lookAround.js';
import { Narrator } from './narrator.js';
import { parseOptions, usage, type DemoOptions } from './options.js';
import { metricLines, problems, reportJson, type DemoReport } from './report.js';
import { tell } from './story.js';

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options === null) {
    console.log(usage);
    return 0;
  }
  // With --json, standard output is for the program that reads it.
  const narrator = new Narrator(options.json ? process.stderr : process.stdout);
  const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]).then(
    () => 'interrupted' as const,
  );
  const report = await play(options, narrator, interrupted);
  if (report === 'interrupted') return 130;
  narrator.say('\nEverything is put away; nothing outside the private network was touched.');
  if (options.json) console.log(reportJson(report));
  return problems(report).length === 0 ? 0 : 1;
}

async function play(
  { seconds, keep }: DemoOptions,
  narrator: Narrator,
  interrupted: Promise<'interrupted'>,
): Promise<DemoReport | 'interrupted'> {
  await enterPrivateNetwork();
  await using cleanup = new Cleanup();
  const lab = cleanup.use(await Lab.create({ clients: 2, name: 'demo' }));
  const report = await Promise.race([tell(lab, cleanup, narrator, seconds), interrupted]);
  if (report === 'interrupted') return report;
  narrator.say('\nThe server’s metrics before and after:');
  for (const line of metricLines(report.metrics)) narrator.say(line);
  for (const problem of problems(report)) narrator.say(`\n✗ ${problem}`);
  if (keep) {
    narrator.say();
    const socket = `${lab.directory}/server/run/admin.sock`;
    for (const line of lookAround(lab, socket, process.pid, isHostRoot())) narrator.say(line);
    await interrupted;
  }
  return report;
}

/** Whether root in here is root of the machine, too: then there is no user namespace to enter. */
function isHostRoot(): boolean {
  return /^\s*0\s+0\s+4294967295$/m.test(readFileSync('/proc/self/uid_map', 'utf8'));
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`\n✗ ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
