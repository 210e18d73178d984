// `open.mjs HOST IDENTITIES COUNT PARALLEL hold|close [KEEPALIVE MS]` opens sessions, each of its own client as long as there are identities, says how many, and
// closes each at once or holds all until it is ended.
import { readFileSync } from 'node:fs';
import { SessionClient } from './sessionClient.mjs';

const [host = '', file = '', count = '0', parallel = '1', then = 'close', keepAliveMs] =
  process.argv.slice(2);
/** @type {import('./identities.mjs').Identities} */
const { anchorsPem, identities } = JSON.parse(readFileSync(file, 'utf8'));
const client = new SessionClient(
  host,
  anchorsPem,
  keepAliveMs === undefined ? undefined : Number(keepAliveMs),
);
const result = { begun: 0, opened: 0, failed: 0 };

await Promise.all(
  Array.from({ length: Number(parallel) }, async () => {
    while (result.begun < Number(count)) {
      const identity = identities[result.begun++ % identities.length];
      if (identity === undefined) throw new Error('there are no identities');
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
