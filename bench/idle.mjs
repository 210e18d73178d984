// npm run bench:idle [-- --sessions N] [--clients N] [--hold SECONDS] [--keep-alive SECONDS] [--directory DIR] [--json FILE]: so many idle sessions at once, what they cost
// the server in memory and CPU time, and whether it still answers. `--clients` of their own at most, the default is 10,000; `--directory` keeps
// server and identities for the next run.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bootstrap } from '../scripts/bootstrap/bootstrap.mjs';
import { runMain } from '../scripts/bootstrap/failure.mjs';
import { inPrivateNetwork, insideVariable } from '../scripts/bootstrap/privateNetwork.mjs';
import { become } from '../scripts/bootstrap/program.mjs';
import { inRepository } from '../scripts/bootstrap/repository.mjs';
import { holdIdle } from './idle/hold.mjs';
import { makeNetwork } from './network.mjs';
import { describeMachine } from './report/machine.mjs';

await runMain(async () => {
  const { values } = parseArgs({
    options: {
      sessions: { type: 'string', default: '10000' },
      clients: { type: 'string', default: '10000' },
      hold: { type: 'string', default: '60' },
      'keep-alive': { type: 'string', default: '10' },
      directory: { type: 'string' },
      json: { type: 'string' },
    },
  });
  if (process.env[insideVariable] !== '1') {
    await bootstrap({ programs: ['nft', 'ip', 'unshare', 'setpriv'], engine: true, packages: true });
    const script = [inRepository('bench', 'idle.mjs'), ...process.argv.slice(2)];
    const { name, args, env } = await inPrivateNetwork(process.execPath, script);
    return become(name, args, env);
  }
  const kept = values.directory === undefined ? null : resolve(values.directory);
  const directory = kept ?? mkdtempSync(join(tmpdir(), 'masque-vpn-bench-'));
  try {
    await makeNetwork();
    const sessions = Number(values.sessions);
    const clients = Math.min(sessions, Number(values.clients));
    const takenAt = new Date().toISOString();
    const found = await holdIdle(directory, {
      sessions,
      clients,
      holdSeconds: Number(values.hold),
      keepAliveSeconds: Number(values['keep-alive']),
    });
    const result = { takenAt, machine: describeMachine(), ...found };
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result)}\n`);
    console.log(JSON.stringify(result, null, 2));
    return result.held === sessions ? 0 : 1;
  } finally {
    if (kept === null) rmSync(directory, { recursive: true, force: true });
  }
});
