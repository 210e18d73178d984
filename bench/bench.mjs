// npm run bench [-- --quick] [--only MEASURES] [--peers LIST] [--rounds N] [--seconds N] [--sessions N] [--cells two|few|all] [--together MBIT] [--minutes N]
// [--continue FILE] [--json FILE] [--publish]: our tunnel beside others, in one run; see docs/performance.md.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrap } from '../scripts/bootstrap/bootstrap.mjs';
import { runMain } from '../scripts/bootstrap/failure.mjs';
import { inPrivateNetwork, insideVariable } from '../scripts/bootstrap/privateNetwork.mjs';
import { become } from '../scripts/bootstrap/program.mjs';
import { Progress } from '../scripts/bootstrap/progress.mjs';
import { inRepository } from '../scripts/bootstrap/repository.mjs';
import { makeNetwork } from './network.mjs';
import { readOptions } from './options.mjs';
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
  const args = process.argv.slice(2);
  const options = readOptions(args);
  if (process.env[insideVariable] === '1') return measureAll(options);
  await bootstrap({
    programs: ['nft', 'ip', 'ping', 'iperf3', 'openssl', 'unshare', 'setpriv'],
    engine: true,
    packages: true,
  });
  // What has to be downloaded is, before there is no network.
  const missing = await buildPeers(options);
  const {
    name,
    args: all,
    env,
  } = await inPrivateNetwork(process.execPath, [inRepository('bench', 'bench.mjs'), ...args]);
  return become(name, all, { ...env, [missingVariable]: JSON.stringify(missing) });
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

/** @param {import('./options.mjs').Options} options */
async function measureAll(options) {
  /** @type {Record<string, string>} */
  const missing = JSON.parse(process.env[missingVariable] ?? '{}');
  const directory = mkdtempSync(join(tmpdir(), 'masque-vpn-bench-'));
  const begun = new Date();
  const continued = options.continued === null ? null : readContinued(options.continued, options.effort);
  const reported = (/** @type {readonly import('./rounds.mjs').Sample[]} */ samples) =>
    report({ options, missing, samples, begun, continued });
  try {
    await makeNetwork();
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
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return 0;
}
