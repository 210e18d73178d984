// npm run bench:workers [-- --rounds N] [--seconds N] [--share S] [--json]: what a second worker of the server adds.
//
// Both ends share the machine's cores, so the server is made the narrow place: each of its workers gets the same
// share of a core, and no more. Clients and the loads' own programs have the rest.
import { parseArgs } from 'node:util';
import { runMain } from '../scripts/bootstrap/failure.mjs';
import { CrowdSite } from './measures/crowdSite.mjs';
import { masqueVpnWith } from './peers/masqueVpn.mjs';
import { privateRun } from './privateRun.mjs';
import { medians, table } from './table.mjs';
import { Throttle, threadSeconds, workersOf } from './workers/throttle.mjs';

/** Enough that two workers get about as many each. */
const clients = 8;

await runMain(() =>
  privateRun({ script: 'workers.mjs', programs: ['iperf3', 'openssl'], measure: measureAll }),
);

/** @param {string} directory */
async function measureAll(directory) {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      share: { type: 'string', default: '0.25' },
      json: { type: 'boolean', default: false },
    },
  });
  /** @type {import('./table.mjs').Round[]} */
  const rounds = [];
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const workers of [1, 2]) {
      const figures = await measure(directory, workers, Number(values.share), Number(values.seconds));
      rounds.push({ peer: `${workers} worker${workers === 1 ? '' : 's'}`, round, figures });
      console.error(`round ${round}, ${workers}: ${JSON.stringify(figures)}`);
    }
  }
  const result = medians(rounds);
  console.log(values.json ? JSON.stringify({ medians: result, rounds }) : table(result));
  return 0;
}

/**
 * @param {string} directory
 * @param {number} workers
 * @param {number} share of a core for each
 * @param {number} seconds
 */
function measure(directory, workers, share, seconds) {
  const peer = masqueVpnWith({ name: `masque-vpn-${workers}`, workers });
  return CrowdSite.beside(
    directory,
    clients,
    async (site) => {
      const { members } = await site.bring(0, clients);
      const threads = workersOf(site.server.daemon?.pid ?? 0);
      if (threads.length !== workers) throw new Error(`${threads.length} workers, not ${workers}`);
      const throttle = new Throttle(threads, share);
      try {
        /** @type {Record<string, number>} */
        const figures = {};
        for (const name of /** @type {const} */ (['up', 'down'])) {
          const before = threadSeconds(threads);
          const flows = await site.flows(members, name, seconds);
          const used = threadSeconds(threads).map((after, index) => after - (before[index] ?? 0));
          const megabits = flows.reduce((total, flow) => total + flow, 0);
          figures[`${name} Mbit/s`] = megabits;
          const gigabytes = (megabits * seconds) / 8_000;
          figures[`${name} s/GB`] = used.reduce((total, one) => total + one, 0) / gigabytes;
        }
        return figures;
      } finally {
        throttle.end();
      }
    },
    peer,
  );
}
