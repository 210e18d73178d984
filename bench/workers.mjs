import { runMain } from '../scripts/bootstrap/failure.mjs';
import { readFlags } from '../scripts/bootstrap/flags.mjs';
import { CrowdSite } from './measures/crowdSite.mjs';
import { masqueVpnWith } from './peers/masqueVpn.mjs';
import { privateRun } from './privateRun.mjs';
import { medians, table } from './table.mjs';
import { Throttle, threadSeconds, workersOf } from './workers/throttle.mjs';

/** Enough that two workers get about as many each. */
const clients = 8;

await runMain(async () => {
  const flags = readFlags({
    name: 'npm run bench:workers',
    about:
      'What a second worker of the server adds. Both ends share the cores of the machine, so the server is made the narrow place: each of its workers gets the same share of a core, and no more. Clients and the loads have the rest.',
    flags: {
      rounds: { is: 'number', shown: 'N', default: 5, help: 'how often everything is measured' },
      seconds: { is: 'number', shown: 'N', default: 3, help: 'length of each load' },
      share: { is: 'number', shown: 'S', default: 0.25, help: 'of a core for each worker' },
      json: { is: 'switch', help: 'JSON instead of a table' },
    },
  });
  return privateRun({
    script: 'workers.mjs',
    programs: ['iperf3', 'openssl'],
    measure: (directory) => measureAll(directory, flags),
  });
});

/** @param {string} directory @param {{ rounds: number, seconds: number, share: number, json: boolean }} flags */
async function measureAll(directory, flags) {
  /** @type {import('./table.mjs').Round[]} */
  const rounds = [];
  for (let round = 1; round <= flags.rounds; round++) {
    for (const workers of [1, 2]) {
      const figures = await measure(directory, workers, flags.share, flags.seconds);
      rounds.push({ peer: `${workers} worker${workers === 1 ? '' : 's'}`, round, figures });
      console.error(`round ${round}, ${workers}: ${JSON.stringify(figures)}`);
    }
  }
  const result = medians(rounds);
  console.log(flags.json ? JSON.stringify({ medians: result, rounds }) : table(result));
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
