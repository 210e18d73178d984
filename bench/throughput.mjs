// npm run bench [-- --rounds N] [--seconds N] [--json]: our tunnel beside the bare wire and wireguard-go, in one run.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bootstrap } from '../scripts/bootstrap/bootstrap.mjs';
import { runMain } from '../scripts/bootstrap/failure.mjs';
import { inPrivateNetwork, insideVariable } from '../scripts/bootstrap/privateNetwork.mjs';
import { become } from '../scripts/bootstrap/program.mjs';
import { inRepository } from '../scripts/bootstrap/repository.mjs';
import { latency, loads, throughput } from './measure.mjs';
import { makeNetwork } from './network.mjs';
import { availablePeers } from './peers/peers.mjs';
import { medians, table } from './table.mjs';

await runMain(async () => {
  if (process.env[insideVariable] === '1') return measureAll();
  await bootstrap({
    programs: ['nft', 'ip', 'ping', 'iperf3', 'unshare', 'setpriv'],
    engine: true,
    packages: true,
  });
  // What has to be downloaded is, before there is no network.
  await availablePeers();
  const { name, args, env } = await inPrivateNetwork(process.execPath, [
    inRepository('bench', 'throughput.mjs'),
    ...process.argv.slice(2),
  ]);
  return become(name, args, env);
});

/** Goes round the peers, so that whatever else this machine does hits all of them alike. */
async function measureAll() {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '5' },
      json: { type: 'boolean', default: false },
    },
  });
  const peers = await availablePeers();
  const directory = mkdtempSync(join(tmpdir(), 'masque-vpn-bench-'));
  /** @type {import('./table.mjs').Round[]} */
  const rounds = [];
  try {
    await makeNetwork();
    for (let round = 1; round <= Number(values.rounds); round++) {
      for (const peer of peers) {
        const figures = await measure(
          peer,
          join(directory, peer.name.replace(' ', '-')),
          Number(values.seconds),
        );
        rounds.push({ peer: peer.name, round, figures });
        console.error(`round ${round}, ${peer.name}: ${JSON.stringify(figures)}`);
      }
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  const result = medians(rounds);
  console.log(values.json ? JSON.stringify({ medians: result, rounds }) : table(result));
  return 0;
}

/**
 * @param {import('./peers/peers.mjs').Peer} peer
 * @param {string} directory
 * @param {number} seconds
 * @returns {Promise<Record<string, number | null>>} Mbit/s by load, CPU seconds per GB, milliseconds
 */
async function measure(peer, directory, seconds) {
  const tunnel = await peer.up(directory);
  try {
    /** @type {Record<string, number | null>} */
    const figures = {};
    for (const load of /** @type {(keyof typeof loads)[]} */ (Object.keys(loads))) {
      const { mbitPerSecond, cpuSecondsPerGb } = await throughput(tunnel, load, seconds);
      figures[load] = mbitPerSecond;
      if (load === 'up1') figures['cpu s/GB'] = cpuSecondsPerGb;
    }
    const { p50, p99 } = await latency(tunnel);
    return { ...figures, 'ping p50': p50, 'ping p99': p99 };
  } finally {
    await tunnel.down();
  }
}
