// npm run bench:access [-- --rounds N] [--seconds N] [--json]: what 1,000 rules cost, in one tunnel that is judged and not judged in turn.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bootstrap } from '../scripts/bootstrap/bootstrap.mjs';
import { runMain } from '../scripts/bootstrap/failure.mjs';
import { inPrivateNetwork, insideVariable } from '../scripts/bootstrap/privateNetwork.mjs';
import { become } from '../scripts/bootstrap/program.mjs';
import { inRepository } from '../scripts/bootstrap/repository.mjs';
import { AccessTunnel } from './access/tunnel.mjs';
import { tcpLoads } from './measures/tcp.mjs';
import { makeNetwork } from './network.mjs';
import { medians, table } from './table.mjs';

await runMain(async () => {
  if (process.env[insideVariable] === '1') return measureAll();
  await bootstrap({
    programs: ['ip', 'ping', 'iperf3', 'openssl', 'unshare', 'setpriv'],
    engine: true,
    packages: true,
  });
  const args = [inRepository('bench', 'access.mjs'), ...process.argv.slice(2)];
  const { name, args: all, env } = await inPrivateNetwork(process.execPath, args);
  return become(name, all, env);
});

async function measureAll() {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
    },
  });
  const directory = mkdtempSync(join(tmpdir(), 'masque-vpn-bench-'));
  /** @type {import('./table.mjs').Round[]} */
  const rounds = [];
  /** @type {AccessTunnel | null} */
  let tunnel = null;
  try {
    await makeNetwork();
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
    rmSync(directory, { recursive: true, force: true });
  }
  const result = medians(rounds);
  console.log(values.json ? JSON.stringify({ medians: result, rounds }) : table(result));
  return 0;
}
