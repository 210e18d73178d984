import { runMain } from '../scripts/bootstrap/failure.mjs';
import { Progress } from '../scripts/bootstrap/progress.mjs';
import { readOptions } from './options.mjs';
import { privateRun } from './privateRun.mjs';
import { readContinued } from './report/continued.mjs';
import { publish } from './report/publish.mjs';
import { report } from './report/run.mjs';
import { printed } from './report/text.mjs';
import { writeResults } from './report/write.mjs';
import { isMeasured, Rounds } from './rounds.mjs';
import { buildWire } from './wire.mjs';

/** JSON that the outer process hands to the inner one: why which peer is missing. */
const missingVariable = 'MASQUE_VPN_BENCH_MISSING';

await runMain(async () => {
  const options = readOptions(process.argv.slice(2));
  return privateRun({
    script: 'bench.mjs',
    programs: ['nft', 'ping', 'iperf3', 'openssl'],
    // What has to be downloaded is, before there is no network.
    prepare: async () => ({ [missingVariable]: JSON.stringify(await buildPeers(options)) }),
    measure: (directory) => measureAll(options, directory),
  });
});

/** @param {import('./options.mjs').Options} options @returns {Promise<Record<string, string>>} reasons by peer */
async function buildPeers({ peers, measures }) {
  const progress = new Progress();
  /** @type {Record<string, string>} */
  const missing = {};
  for (const peer of peers.filter((one) => measures.some((measure) => isMeasured(measure, one)))) {
    const reason = await peer.build(progress);
    if (reason === null) continue;
    missing[peer.name] = reason;
    progress.note(`! ${peer.name} is missing from this run: ${reason}`);
  }
  if (measures.some(({ name }) => name === 'wire')) await buildWire(progress);
  return missing;
}

/** @param {import('./options.mjs').Options} options @param {string} directory */
async function measureAll(options, directory) {
  /** @type {Record<string, string>} */
  const missing = JSON.parse(process.env[missingVariable] ?? '{}');
  const begun = new Date();
  const continued = options.continued === null ? null : readContinued(options.continued, options.effort);
  const reported = (/** @type {readonly import('./rounds.mjs').Sample[]} */ samples) =>
    report({ options, missing, samples, begun, continued });
  const peers = options.peers.filter(({ name }) => missing[name] === undefined);
  const rounds = new Rounds(options, peers, directory, {
    samples: continued?.samples ?? [],
    // What an interruption leaves can be continued.
    onSamples: (samples) => writeResults(reported(samples)),
  });
  const result = reported(await rounds.run());
  const files = [
    writeResults(result),
    ...(options.json === null ? [] : [writeResults(result, options.json)]),
  ];
  console.log(printed(result));
  console.log(`\nresults: ${files.join(', ')}`);
  if (options.publish) console.log(`published: ${(await publish(result)).join(', ')}`);
  return 0;
}
