// One end of a tunnel made of the engine alone: `end.mjs server|client DIRECTORY`. SIGUSR2 makes the server judge, or stop judging.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openEngine } from '@masque-vpn/engine';
import { outer } from '../network.mjs';

const transport = /** @type {const} */ ({
  idleTimeoutMs: 30_000,
  keepAliveMs: 5_000,
  congestionControl: 'bbr',
});
const peerLimits = {
  requestsPerConnection: 4,
  capsuleBytes: 65_536,
  capsulesPerSecond: 1e3,
  capsuleBurst: 1e3,
};
const routes = [{ start: '10.89.0.0', end: '10.89.0.255', protocol: 0 }];
const plain = { assigned: ['10.89.0.2/32'], routes, peers: ['10.89.0.0/24'], ownIpv6: null };

/** @type {readonly import('@masque-vpn/engine').HeaderField[]} */
const request = [
  [':method', 'CONNECT'],
  [':protocol', 'connect-ip'],
  [':scheme', 'https'],
  [':authority', outer.server],
  [':path', '/'],
  ['capsule-protocol', '?1'],
];

/** 999 rules about networks that nobody goes to, and one that lets the peer go everywhere. */
const rules = Array.from({ length: 1_000 }, (_, id) => ({
  id,
  action: /** @type {const} */ ('allow'),
  opened: /** @type {const} */ ('byPeer'),
  remote:
    id < 999
      ? { kind: /** @type {const} */ ('prefixes'), prefixes: [`172.16.${id >> 4}.${(id & 15) << 4}/28`] }
      : { kind: /** @type {const} */ ('any') },
  protocol: id < 999 ? 6 : 0,
  ports: id < 999 ? [/** @type {const} */ ([443, 443])] : [],
}));

const [role, directory = ''] = process.argv.slice(2);
const read = (/** @type {string} */ name) => readFileSync(join(directory, name), 'utf8');
if (role === 'server') serve();
else ask();

function serve() {
  let judged = false;
  const forwarding = () => {
    const access = { rules: 1, labels: [], meters: { fromPeer: [], toPeer: [] } };
    const role = /** @type {const} */ ('proxy');
    return { ...plain, role, ownIpv4: '10.89.0.1', access: judged ? access : null };
  };
  const engine = open((event) => {
    if (event.type !== 'request') return;
    const { sessionId } = event;
    must(engine.accept(sessionId, [['capsule-protocol', '?1']], forwarding(), []));
    console.log('not judged');
    process.on('SIGUSR2', () => {
      judged = !judged;
      must(engine.update(sessionId, forwarding()));
      console.log(judged ? '1,000 rules' : 'not judged');
    });
  });
  must(engine.setRules(1, { rules }));
  must(
    engine.listen({
      address: `${outer.server}:443`,
      certificate: { chainPem: read('chain.pem'), keyPem: read('key.pem') },
      clientTrust: { anchorsPem: '', leafSha256: [] },
      transport,
      peerLimits,
      maxConnections: 4,
      retryAboveHandshakes: 4,
      unauthenticatedMs: 10_000,
    }),
  );
}

function ask() {
  const engine = open((event) => {
    if (event.type === 'connected') engine.request(event.connectionId, request);
    if (event.type === 'response')
      must(engine.update(event.sessionId, { ...plain, role: 'client', ownIpv4: '10.89.0.2' }));
  });
  must(
    engine.connect({
      remoteAddress: `${outer.server}:443`,
      serverName: outer.server,
      anchorsPem: read('chain.pem'),
      certificate: null,
      transport,
      peerLimits,
      mark: null,
    }),
  );
}

/**
 * An engine with its TUN.
 * @param {(event: import('@masque-vpn/engine').EngineEvent) => void} onEvent
 */
function open(onEvent) {
  const engine = must(openEngine({ onEvents: (events) => events.forEach(onEvent) }));
  must(engine.openTun({ name: 'bench0', mtu: 1400, offload: true, backpressure: role === 'client' }));
  return engine;
}

/**
 * @template T
 * @param {import('@masque-vpn/engine').EngineResult<T>} result
 */
function must(result) {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
