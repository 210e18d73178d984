import { writeFileSync } from 'node:fs';
import { runMain } from '../scripts/bootstrap/failure.mjs';
import { readFlags } from '../scripts/bootstrap/flags.mjs';
import { inRepository } from '../scripts/bootstrap/repository.mjs';
import { privateRun } from './privateRun.mjs';
import { describeMachine } from './report/machine.mjs';
import { writeFormatted } from './report/writeFormatted.mjs';
import { joinOther } from './soak/commuter.mjs';
import { plot, thinned } from './soak/plot.mjs';
import { Soak } from './soak/soak.mjs';

/** What is kept of a published run. */
const keptSamples = 60;

await runMain(async () => {
  const flags = readFlags({
    name: 'npm run bench:soak',
    about: 'Full load while clients come and go: whether memory stays flat and nothing is left behind.',
    flags: {
      minutes: { is: 'number', shown: 'N', default: 30, help: 'how long' },
      visitors: {
        is: 'number',
        shown: 'N',
        default: 20,
        help: 'clients that come, transfer and leave, at once',
      },
      rate: {
        is: 'number',
        shown: 'MBIT',
        help: 'of the client that stays, each way; otherwise all there is',
      },
      json: { is: 'text', shown: 'FILE', help: 'for all that was found' },
      publish: { is: 'switch', help: 'keep it in docs/performance and bench/results' },
    },
  });
  const measure = async (/** @type {string} */ directory) => {
    await joinOther();
    const { minutes, visitors, rate = null } = flags;
    const soak = new Soak(directory, { minutes, visitors, rate });
    const takenAt = new Date().toISOString();
    const found = await soak.run();
    const result = { takenAt, machine: describeMachine(), ...found };
    if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(result)}\n`);
    if (flags.publish) {
      writeFileSync(inRepository('docs', 'performance', 'soak.svg'), plot(result));
      const kept = JSON.stringify({ ...result, samples: thinned(result.samples, keptSamples) });
      await writeFormatted(inRepository('bench', 'results', 'soak.json'), kept);
    }
    const counted = { samples: result.samples.length, collected: result.collected.length };
    console.log(JSON.stringify({ ...result, ...counted }, null, 2));
    return result.faults.length === 0 ? 0 : 1;
  };
  return privateRun({ script: 'soak.mjs', programs: ['nft', 'ping', 'iperf3'], measure });
});
