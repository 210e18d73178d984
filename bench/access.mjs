// npm run bench:access [-- --rounds N] [--seconds N] [--json]: what 1,000 rules cost, in one tunnel that is judged and not judged in turn.
import { parseArgs } from 'node:util';
import { runMain } from '../scripts/bootstrap/failure.mjs';
import { AccessTunnel } from './access/tunnel.mjs';
import { tcpLoads } from './measures/tcp.mjs';
import { privateRun } from './privateRun.mjs';
import { medians, table } from './table.mjs';

await runMain(() =>
  privateRun({ script: 'access.mjs', programs: ['ping', 'iperf3', 'openssl'], measure: measureAll }),
);

/** @param {string} directory */
async function measureAll(directory) {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
    },
  });
  /** @type {import('./table.mjs').Round[]} */
  const rounds = [];
  /** @type {AccessTunnel | null} */
  let tunnel = null;
  try {
    tunnel = await AccessTunnel.open(directory);
    for (let round = 1; round <= Number(values.rounds); round++) {
      for (const peer of ['not judged', '1,000 rules']) {
        /** @type {Record<string, number | null>} */
        const figures = {};
        for (const load of /** @type {const} */ (['tcpUp', 'tcpDown'])) {
          const flow = await tunnel.flow(tcpLoads[load], Number(values.seconds));
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
  console.log(values.json ? JSON.stringify({ medians: result, rounds }) : table(result));
  return 0;
}
