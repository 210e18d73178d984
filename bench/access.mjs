import { runMain } from '../scripts/bootstrap/failure.mjs';
import { readFlags } from '../scripts/bootstrap/flags.mjs';
import { AccessTunnel } from './access/tunnel.mjs';
import { tcpLoads } from './measures/tcp.mjs';
import { privateRun } from './privateRun.mjs';
import { medians, table } from './table.mjs';

await runMain(async () => {
  const flags = readFlags({
    name: 'npm run bench:access',
    about: 'What 1,000 rules cost, in one tunnel that is judged and not judged in turn.',
    flags: {
      rounds: { is: 'number', shown: 'N', default: 5, help: 'how often everything is measured' },
      seconds: { is: 'number', shown: 'N', default: 3, help: 'length of each load' },
      json: { is: 'switch', help: 'JSON instead of a table' },
    },
  });
  return privateRun({
    script: 'access.mjs',
    programs: ['ping', 'iperf3', 'openssl'],
    measure: (directory) => measureAll(directory, flags),
  });
});

/** @param {string} directory @param {{ rounds: number, seconds: number, json: boolean }} flags */
async function measureAll(directory, flags) {
  /** @type {import('./table.mjs').Round[]} */
  const rounds = [];
  /** @type {AccessTunnel | null} */
  let tunnel = null;
  try {
    tunnel = await AccessTunnel.open(directory);
    for (let round = 1; round <= flags.rounds; round++) {
      for (const peer of ['not judged', '1,000 rules']) {
        /** @type {Record<string, number | null>} */
        const figures = {};
        for (const load of /** @type {const} */ (['tcpUp', 'tcpDown'])) {
          const flow = await tunnel.flow(tcpLoads[load], flags.seconds);
          figures[load] = flow.mbitPerSecond;
          figures[`${load} s/GB`] = flow.cpuSecondsPerGb;
        }
        rounds.push({ peer, round, figures });
        console.error(`round ${round}, ${peer}: ${JSON.stringify(figures)}`);
        await tunnel.turn();
      }
    }
  } finally {
    await tunnel?.close();
  }
  const result = medians(rounds);
  console.log(flags.json ? JSON.stringify({ medians: result, rounds }) : table(result));
  return 0;
}
