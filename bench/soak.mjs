// npm run bench:soak [-- --minutes N] [--visitors N] [--rate MBIT] [--json FILE] [--publish]: full load while clients come and go; whether
// memory stays flat and nothing is left behind.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runMain } from '../scripts/bootstrap/failure.mjs';
import { inRepository } from '../scripts/bootstrap/repository.mjs';
import { privateRun } from './privateRun.mjs';
import { describeMachine } from './report/machine.mjs';
import { joinOther } from './soak/commuter.mjs';
import { plot, thinned } from './soak/plot.mjs';
import { Soak } from './soak/soak.mjs';

/** What is kept of a published run. */
const keptSamples = 60;

await runMain(async () => {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '30' },
      visitors: { type: 'string', default: '20' },
      rate: { type: 'string' },
      json: { type: 'string' },
      publish: { type: 'boolean', default: false },
    },
  });
  const measure = async (/** @type {string} */ directory) => {
    await joinOther();
    const rate = values.rate === undefined ? null : Number(values.rate);
    const soak = new Soak(directory, {
      minutes: Number(values.minutes),
      visitors: Number(values.visitors),
      rate,
    });
    const takenAt = new Date().toISOString();
    const found = await soak.run();
    const result = { takenAt, machine: describeMachine(), ...found };
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result)}\n`);
    if (values.publish) {
      writeFileSync(inRepository('docs', 'performance', 'soak.svg'), plot(result));
      const kept = JSON.stringify({ ...result, samples: thinned(result.samples, keptSamples) });
      writeFileSync(inRepository('bench', 'results', 'soak.json'), `${kept}\n`);
    }
    console.log(JSON.stringify({ ...result, samples: result.samples.length }, null, 2));
    return result.faults.length === 0 ? 0 : 1;
  };
  return privateRun({ script: 'soak.mjs', programs: ['nft', 'ping', 'iperf3'], measure });
});
