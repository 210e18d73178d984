import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StepFailure, runMain } from '../scripts/bootstrap/failure.mjs';
import { readFlags } from '../scripts/bootstrap/flags.mjs';
import { findProgram } from '../scripts/bootstrap/program.mjs';
import { inRepository } from '../scripts/bootstrap/repository.mjs';
import { besideIperfServers, iperfClient } from './load/iperf.mjs';
import { tcpLoads } from './measures/tcp.mjs';
import { masqueVpn } from './peers/masqueVpn.mjs';
import { openTunnel } from './peers/peer.mjs';
import { privateRun } from './privateRun.mjs';
import { flameGraph } from './profile/flameGraph.mjs';
import { hottest, owners, sharesOf } from './profile/owners.mjs';
import { record } from './profile/record.mjs';

const port = 5201;
const loads = /** @type {const} */ (['tcpUp', 'tcpDown']);
const shownFunctions = 20;
/** Until TCP has found its speed, and perf has begun. */
const marginSeconds = 3;

/** @typedef {{ load: string, end: string, samples: number, mbitPerSecond: number, shares: Record<string, number>, hottest: Record<string, number> }} Profile */

await runMain(async () => {
  const flags = readFlags({
    name: 'npm run bench:profile',
    about: 'Where the CPU time of both ends goes while TCP runs up and down; flame graphs.',
    flags: {
      seconds: { is: 'number', shown: 'N', default: 5, help: 'of each profile' },
      json: { is: 'text', shown: 'FILE', help: 'for the shares' },
      publish: { is: 'switch', help: 'flame graphs into docs/images instead of bench/results' },
    },
  });
  if (findProgram('perf') === null) {
    throw new StepFailure(
      'Profile',
      'the program perf is missing',
      'Debian: sudo apt-get install linux-perf',
    );
  }
  return privateRun({
    script: 'profile.mjs',
    programs: ['nft', 'ping', 'iperf3'],
    measure: (directory) => profileBoth(directory, flags),
  });
});

/**
 * @param {string} directory
 * @param {{ seconds: number, json: string | undefined, publish: boolean }} flags
 */
async function profileBoth(directory, { seconds, json, publish }) {
  const target = publish ? inRepository('docs', 'images') : inRepository('bench', 'results');
  mkdirSync(target, { recursive: true });
  /** @type {Profile[]} */
  const profiles = [];
  const tunnel = await openTunnel(masqueVpn, directory);
  const [client = 0, server = 0] = tunnel.pids;
  try {
    for (const load of loads) {
      for (const [end, pid] of Object.entries({ client, server })) {
        const { flow, stacks } = await besideIperfServers(tunnel.serverAddress, [port], async () => {
          const options = { args: tcpLoads[load], seconds: seconds + marginSeconds };
          const running = iperfClient(tunnel, options);
          const recorded = record(pid, seconds, join(directory, 'perf.data'));
          return { stacks: await recorded, flow: await running };
        });
        const samples = stacks.reduce((sum, { count }) => sum + count, 0);
        const mbitPerSecond = Math.round(flow.mbitPerSecond);
        profiles.push({
          load,
          end,
          samples,
          mbitPerSecond,
          shares: sharesOf(stacks),
          hottest: hottest(stacks, shownFunctions),
        });
        const title = `${load}, ${end}: ${samples} samples of its worker`;
        writeFileSync(join(target, `flame-${load}-${end}.svg`), flameGraph(title, stacks));
      }
    }
  } finally {
    await tunnel.down();
  }
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(profiles, null, 2)}\n`);
  console.log(table(profiles));
  console.log(`flame graphs: ${join(target, 'flame-*.svg')}`);
  return 0;
}

/** Shares by owner as Markdown. @param {readonly Profile[]} profiles */
function table(profiles) {
  const head = ['share of CPU time, %', ...profiles.map(({ load, end }) => `${load}, ${end}`)];
  const rows = owners.map((owner) => [
    owner,
    ...profiles.map(({ shares }) => ((shares[owner] ?? 0) * 100).toFixed(1)),
  ]);
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
