// One end of a tunnel made of the engine alone: `end.mjs server|client|crowd DIRECTORY INDEX [COUNT]`, each index with a port, a TUN and a network of
// its own. SIGUSR2 makes the server judge, or stop judging. A crowd is so many more sessions, which stay idle; it says when all of them are there.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openEngine } from '@masque-vpn/engine';
import { outer } from '../network.mjs';

const transport = /** @type {const} */ ({
  idleTimeoutMs: 30_000,
  keepAliveMs: 10_000,
  congestionControl: 'adaptive',
});
const peerLimits = {
  requestsPerConnection: 4,
  capsuleBytes: 65_536,
  capsulesPerSecond: 1e3,
  capsuleBurst: 1e3,
};

const mostSessions = 20_000;
const parallel = 32;

/** @param {string} path @returns {import('@masque-vpn/engine').HeaderField[]} */
const request = (path) => [
  [':method', 'CONNECT'],
  [':protocol', 'connect-ip'],
  [':scheme', 'https'],
  [':authority', outer.server],
  [':path', path],
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

const [role, directory = '', index = '0', count = '0'] = process.argv.slice(2);
const read = (/** @type {string} */ name) => readFileSync(join(directory, name), 'utf8');
const port = 443 + Number(index);
const network = `10.89.${index}`;
const routes = [{ start: `${network}.0`, end: `${network}.255`, protocol: 0 }];
const plain = { assigned: [`${network}.2/32`], routes, peers: [`${network}.0/24`], ownIpv6: null };
if (role === 'server') serve();
else if (role === 'client') ask();
else await fill(Number(count));

function serve() {
  /** @type {{ judged: boolean, sessions: { id: import('@masque-vpn/engine').SessionId, assigned: string[] }[] }} */
  const state = { judged: false, sessions: [] };
  const forwarding = (/** @type {string[]} */ assigned) => {
    const access = { rules: 1, labels: [], meters: { fromPeer: [], toPeer: [] } };
    const role = /** @type {const} */ ('proxy');
    return { ...plain, assigned, role, ownIpv4: `${network}.1`, access: state.judged ? access : null };
  };
  const engine = open((event) => {
    if (event.type === 'sessionClosed') engine.releaseSession(event.sessionId);
    if (event.type === 'connectionClosed') engine.releaseConnection(event.connectionId);
    if (event.type !== 'request') return;
    const path = event.headers.find(([name]) => name === ':path')?.[1] ?? '';
    const session = { id: event.sessionId, assigned: path === '/' ? plain.assigned : [idleAddress(path)] };
    state.sessions.push(session);
    must(engine.accept(session.id, [['capsule-protocol', '?1']], forwarding(session.assigned), []));
    if (path === '/') console.log('not judged');
  });
  process.on('SIGUSR2', () => {
    state.judged = !state.judged;
    for (const { id, assigned } of state.sessions) must(engine.update(id, forwarding(assigned)));
    console.log(state.judged ? '1,000 rules' : 'not judged');
  });
  openTun(engine);
  must(engine.setRules(1, { rules }));
  must(
    engine.listen({
      address: `${outer.server}:${port}`,
      certificate: { chainPem: read('chain.pem'), keyPem: read('key.pem') },
      clientTrust: { anchorsPem: '', leafSha256: [] },
      transport,
      peerLimits,
      maxConnections: mostSessions,
      retryAboveHandshakes: 256,
      unauthenticatedMs: 10_000,
    }),
  );
}

/** Of the idle session with the path `/N`. @param {string} path */
function idleAddress(path) {
  const number = Number(path.slice(1));
  return `10.96.${number >> 8}.${number & 255}/32`;
}

function ask() {
  const engine = open((event) => {
    if (event.type === 'connected') engine.request(event.connectionId, request('/'));
    if (event.type === 'response')
      must(engine.update(event.sessionId, { ...plain, role: 'client', ownIpv4: `${network}.2` }));
  });
  openTun(engine);
  connect(engine);
}

/** @param {number} sessions */
async function fill(sessions) {
  /** @type {Map<number, (event: import('@masque-vpn/engine').EngineEvent) => void>} */
  const waiting = new Map();
  const engine = open((event) => {
    if ('connectionId' in event) waiting.get(event.connectionId)?.(event);
  });
  const state = { next: 1 };
  /** @param {number} number @returns {Promise<void>} */
  const one = (number) =>
    new Promise((resolve, reject) => {
      waiting.set(connect(engine), (event) => {
        if (event.type === 'connected') engine.request(event.connectionId, request(`/${number}`));
        if (event.type === 'response') resolve();
        if (event.type === 'connectionClosed') reject(new Error(`${event.cause} ${event.reason}`));
      });
    });
  const opener = async () => {
    while (state.next <= sessions) await one(state.next++);
  };
  await Promise.all(Array.from({ length: parallel }, opener));
  console.log('all are there');
  setInterval(() => undefined, 60_000);
}

/** @param {import('@masque-vpn/engine').Engine} engine */
function connect(engine) {
  const started = engine.connect({
    remoteAddress: `${outer.server}:${port}`,
    serverName: outer.server,
    anchorsPem: read('chain.pem'),
    certificate: null,
    transport,
    peerLimits,
    mark: null,
  });
  return must(started).connectionId;
}

/** @param {import('@masque-vpn/engine').Engine} engine */
function openTun(engine) {
  const backpressure = role === 'client';
  must(engine.openTun({ name: `bench${index}`, mtu: 1400, offload: true, backpressure }));
}

/** @param {(event: import('@masque-vpn/engine').EngineEvent) => void} onEvent */
function open(onEvent) {
  return must(openEngine({ onEvents: (events) => events.forEach(onEvent) }));
}

/**
 * @template T
 * @param {import('@masque-vpn/engine').EngineResult<T>} result
 */
function must(result) {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
