// npm run bench:access [-- --rounds N] [--seconds N] [--json]: what 1,000 rules cost, in one tunnel that is judged and not judged in turn.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bootstrap } from '../scripts/bootstrap/bootstrap.mjs';
import { runMain } from '../scripts/bootstrap/failure.mjs';
import { inPrivateNetwork, insideVariable } from '../scripts/bootstrap/privateNetwork.mjs';
import { become } from '../scripts/bootstrap/program.mjs';
import { inRepository } from '../scripts/bootstrap/repository.mjs';
import { makeIdentity } from './access/identity.mjs';
import { eventually, start } from './daemon.mjs';
import { throughput } from './measure.mjs';
import { inside, ip, makeNetwork, mustRun } from './network.mjs';
import { medians, table } from './table.mjs';

const end = fileURLToPath(new URL('./access/end.mjs', import.meta.url));
const inner = { server: '10.89.0.1', client: '10.89.0.2' };

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
  await makeNetwork();
  await makeIdentity(directory);
  const server = start('server', [process.execPath, end, 'server', directory]);
  const client = start('client', [process.execPath, end, 'client', directory]);
  const says = (/** @type {string} */ word, /** @type {number} */ times) => async () => {
    if (server.output().split(word).length <= times) throw new Error(server.output() + client.output());
  };
  /** @type {import('./table.mjs').Round[]} */
  const rounds = [];
  try {
    for (const side of /** @type {const} */ (['server', 'client'])) {
      await eventually(`${side}'s TUN`, () => ip('-n', `bench-${side}`, 'link', 'show', 'bench0'));
      await ip('-n', `bench-${side}`, 'addr', 'add', `${inner[side]}/24`, 'dev', 'bench0');
      await ip('-n', `bench-${side}`, 'link', 'set', 'bench0', 'up');
    }
    await eventually('tunnel', () =>
      mustRun('ip', inside('client', ['ping', '-n', '-c', '1', '-W', '1', inner.server])),
    );
    for (let round = 1; round <= Number(values.rounds); round++) {
      for (const peer of ['not judged', '1,000 rules']) {
        await eventually('the other state', says(peer, round));
        /** @type {Record<string, number | null>} */
        const figures = {};
        for (const load of /** @type {const} */ (['up1', 'down1'])) {
          const tunnel = { serverAddress: inner.server, pids: [server.pid], down: async () => undefined };
          const { mbitPerSecond, cpuSecondsPerGb } = await throughput(tunnel, load, Number(values.seconds));
          figures[load] = mbitPerSecond;
          figures[`${load} s/GB`] = cpuSecondsPerGb;
        }
        rounds.push({ peer, round, figures });
        console.error(`round ${round}, ${peer}: ${JSON.stringify(figures)}`);
        process.kill(server.pid, 'SIGUSR2');
      }
    }
  } finally {
    await Promise.all([client.stop(), server.stop()]);
    rmSync(directory, { recursive: true, force: true });
  }
  const result = medians(rounds);
  console.log(values.json ? JSON.stringify({ medians: result, rounds }) : table(result));
  return 0;
}
