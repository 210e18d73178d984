// `crowd.mjs HOST IDENTITIES FIRST COUNT [AT]` is many clients of HOST, found at the address AT, in one process: an engine, a TUN `crowdN` and a session for each, N from FIRST on.
// It prints `crowdN ADDRESS` for each and holds them until it is ended; addresses and routes are the caller's business.
import { readFileSync } from 'node:fs';
import { SessionClient } from './sessionClient.mjs';

const [host = '', file = '', first = '0', count = '0', at = host] = process.argv.slice(2);
/** @type {import('./identities.mjs').Identities} */
const { anchorsPem, identities } = JSON.parse(readFileSync(file, 'utf8'));

for (let index = Number(first); index < Number(first) + Number(count); index++) {
  const identity = identities[index];
  if (identity === undefined) throw new Error(`there are ${identities.length} identities only`);
  const client = clientWithTun(index);
  const { sessionId, address } = await client.open(identity, at);
  const forwarding = client.engine.update(sessionId, {
    role: 'client',
    assigned: [`${address}/32`],
    routes: [{ start: '10.89.0.0', end: '10.89.255.255', protocol: 0 }],
    peers: [],
    ownIpv4: null,
    ownIpv6: null,
  });
  if (!forwarding.ok) throw new Error(forwarding.error.message);
  console.log(`crowd${index} ${address}`);
}
console.log('all are there');
setInterval(() => undefined, 60_000);

/** @param {number} index */
function clientWithTun(index) {
  const client = new SessionClient(host, anchorsPem);
  const options = { name: `crowd${index}`, mtu: 1_400, offload: true, backpressure: true };
  const tun = client.engine.openTun(options);
  if (!tun.ok) throw new Error(tun.error.message);
  return client;
}
