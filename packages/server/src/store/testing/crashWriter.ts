// A process that writes to an SQLite store until it is killed, and prints each id the store has acknowledged.
import { pino } from 'pino';
import { openStore } from '../store.js';
import { writeUntil } from './acknowledgedWrites.js';

const [, , file = '', prefix = ''] = process.argv;
const opened = await openStore({
  location: { kind: 'sqlite', file },
  clock: { now: () => Date.now() },
  logger: pino({ level: 'silent' }),
});
if (!opened.ok) throw opened.error;
// Writing to a pipe is synchronous on Linux: what was printed can be read, whatever happens to this process.
await writeUntil(opened.value, new AbortController().signal, prefix, (id) => {
  process.stdout.write(`${id}\n`);
});
