// `open.mjs HOST IDENTITIES COUNT PARALLEL hold|close` opens sessions, each of its own client, says how many, and closes each at once or holds
// all until it is ended.
import { readFileSync } from 'node:fs';
import { SessionClient } from './sessionClient.mjs';

const [host = '', file = '', count = '0', parallel = '1', then = 'close'] = process.argv.slice(2);
/** @type {import('./identities.mjs').Identities} */
const { anchorsPem, identities } = JSON.parse(readFileSync(file, 'utf8'));
const client = new SessionClient(host, anchorsPem);
const waiting = identities.slice(0, Number(count));
const result = { opened: 0, failed: 0 };

await Promise.all(
  Array.from({ length: Number(parallel) }, async () => {
    for (let identity = waiting.pop(); identity !== undefined; identity = waiting.pop()) {
      try {
        const session = await client.open(identity);
        result.opened += 1;
        if (then === 'close') session.close();
      } catch (error) {
        if (result.failed++ === 0) console.error(String(error));
      }
    }
  }),
);
console.log(`opened ${result.opened} failed ${result.failed}`);
// The engine alone does not keep Node.js alive.
if (then === 'hold') setInterval(() => undefined, 60_000);
else await client.engine.close();
