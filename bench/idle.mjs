import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { runMain } from '../scripts/bootstrap/failure.mjs';
import { readFlags } from '../scripts/bootstrap/flags.mjs';
import { holdIdle } from './idle/hold.mjs';
import { privateRun } from './privateRun.mjs';
import { describeMachine } from './report/machine.mjs';

await runMain(async () => {
  const flags = readFlags({
    name: 'npm run bench:idle',
    about:
      'So many idle sessions at once, what they cost the server in memory and CPU time, and whether it still answers.',
    flags: {
      sessions: { is: 'number', shown: 'N', default: 10_000, help: 'held at once' },
      clients: { is: 'number', shown: 'N', default: 10_000, help: 'that they are of, at most' },
      hold: { is: 'number', shown: 'SECONDS', default: 60, help: 'how long they are held' },
      'keep-alive': {
        is: 'number',
        shown: 'SECONDS',
        default: 10,
        help: 'between two signs of life of a client',
      },
      directory: { is: 'text', shown: 'DIR', help: 'of server and identities, kept for the next run' },
      json: { is: 'text', shown: 'FILE', help: 'for all that was found' },
    },
  });
  const measure = async (/** @type {string} */ temporary) => {
    const directory = flags.directory === undefined ? temporary : resolve(flags.directory);
    const { sessions } = flags;
    const clients = Math.min(sessions, flags.clients);
    const takenAt = new Date().toISOString();
    const found = await holdIdle(directory, {
      sessions,
      clients,
      holdSeconds: flags.hold,
      keepAliveSeconds: flags['keep-alive'],
    });
    const result = { takenAt, machine: describeMachine(), ...found };
    if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(result)}\n`);
    console.log(JSON.stringify(result, null, 2));
    return result.held === sessions ? 0 : 1;
  };
  return privateRun({ script: 'idle.mjs', programs: ['nft'], measure });
});
