// npm run bench:idle [-- --sessions N] [--clients N] [--hold SECONDS] [--keep-alive SECONDS] [--directory DIR] [--json FILE]: so many idle sessions at once, what they cost
// the server in memory and CPU time, and whether it still answers. `--clients` of their own at most, the default is 10,000; `--directory` keeps
// server and identities for the next run.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runMain } from '../scripts/bootstrap/failure.mjs';
import { holdIdle } from './idle/hold.mjs';
import { privateRun } from './privateRun.mjs';
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
  const measure = async (/** @type {string} */ temporary) => {
    const directory = values.directory === undefined ? temporary : resolve(values.directory);
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
  };
  return privateRun({ script: 'idle.mjs', programs: ['nft'], measure });
});
