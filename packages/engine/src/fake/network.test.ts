import { beforeAll, describe, expect, it } from 'vitest';
import { makeCertificates, type TestCertificates } from '../contract/certificates.js';
import { EventLog } from '../contract/eventLog.js';
import {
  capsule,
  openSession,
  requestHeaders,
  Stage,
  takeCapsules,
  value,
  type ConnectedPair,
} from '../contract/party.js';
import type { ListenerOptions } from '../engine.js';
import { Snapshot } from '../snapshot.js';
import { FakeEngine, FakeNetwork, ManualClock, type FakeEngineOptions } from './index.js';

const idleMs = 10_000;

describe('the fake network', () => {
  const prepared: { certificates?: TestCertificates } = {};
  beforeAll(async () => {
    prepared.certificates = await makeCertificates();
  });

  interface Scene extends AsyncDisposable {
    readonly clock: ManualClock;
    readonly network: FakeNetwork;
    readonly stage: Stage;
    readonly pair: ConnectedPair;
    /** The client's UDP address. */
    readonly clientAddress: string;
  }

  function stageOn(network: FakeNetwork, options: Partial<FakeEngineOptions> = {}): Stage {
    if (prepared.certificates === undefined) throw new Error('no certificates yet');
    return new Stage(prepared.certificates, () => ({
      open: (engineOptions) => new FakeEngine({ ...options, ...engineOptions, network }),
    }));
  }

  async function connected(listener: Partial<ListenerOptions> = {}): Promise<Scene> {
    const clock = new ManualClock();
    const network = new FakeNetwork({ clock });
    const stage = stageOn(network);
    const pair = await stage.connect(listener);
    const event = pair.client.events.all.find(({ type }) => type === 'connected');
    const clientAddress = event?.type === 'connected' ? event.localAddress : '';
    return { clock, network, stage, pair, clientAddress, [Symbol.asyncDispose]: () => dispose(pair) };
  }

  it('lets a server notice a killed client after the idle timeout, not before', async () => {
    await using scene = await connected();
    const { server } = scene.pair;
    await openSession(scene.pair);
    scene.clock.advance(60_000);
    scene.network.kill(scene.clientAddress);
    scene.clock.advance(idleMs - 1);
    await scene.network.settle();
    expect(server.events.all.some(({ type }) => type === 'connectionClosed')).toBe(false);
    scene.clock.advance(1);
    expect((await server.events.next('sessionClosed')).cause).toBe('connectionClosed');
    expect(await server.events.next('connectionClosed')).toMatchObject({ cause: 'idleTimeout', code: null });
  });

  it('frees the address of a killed server, and its client connects again when it is back', async () => {
    await using scene = await connected();
    const { client, address } = scene.pair;
    scene.network.kill(address);
    value(client.engine.connect(scene.stage.connectorOptions(address)));
    await scene.network.settle();
    await using next = scene.stage.party(scene.stage.world());
    value(next.engine.listen(scene.stage.listenerOptions({ address })));
    await client.events.next('connected');
    scene.clock.advance(idleMs);
    expect((await client.events.next('connectionClosed')).cause).toBe('idleTimeout');
  });

  it('keeps a connection with keep-alives open for ever, and ends one without', async () => {
    await using scene = await connected();
    await openSession(scene.pair);
    scene.clock.advance(9_000_000);
    await scene.network.settle();
    expect(scene.pair.client.events.all.some(({ type }) => type === 'connectionClosed')).toBe(false);
    const transport = { idleTimeoutMs: 2_000, keepAliveMs: null, congestionControl: 'adaptive' } as const;
    value(scene.pair.client.engine.connect(scene.stage.connectorOptions(scene.pair.address, { transport })));
    await scene.pair.client.events.next('connected');
    scene.clock.advance(2_000);
    expect((await scene.pair.client.events.next('connectionClosed')).cause).toBe('idleTimeout');
  });

  it('holds capsules back in a partition and delivers them in order when it heals', async () => {
    await using scene = await connected();
    const session = await openSession(scene.pair);
    scene.network.partition(scene.clientAddress);
    for (const size of [1, 2, 3])
      scene.pair.client.engine.sendCapsules(session.client.sessionId, [capsule(size)]);
    scene.clock.advance(idleMs / 2);
    await scene.network.settle();
    expect(scene.pair.server.events.all.some(({ type }) => type === 'capsules')).toBe(false);
    scene.network.heal(scene.clientAddress);
    const taken = await takeCapsules(scene.pair.server, session.server.sessionId, 3);
    expect(taken.map(({ value: { length } }) => length)).toEqual([1, 2, 3]);
  });

  it('ends both ends of a partition that lasts', async () => {
    await using scene = await connected();
    await openSession(scene.pair);
    scene.network.partition(scene.clientAddress);
    scene.clock.advance(idleMs);
    for (const { events } of [scene.pair.client, scene.pair.server])
      expect((await events.next('connectionClosed')).cause).toBe('idleTimeout');
  });

  it('reports a client that moved (CIP-1308)', async () => {
    await using scene = await connected();
    const session = await openSession(scene.pair);
    const { engine } = scene.pair.client;
    if (engine instanceof FakeEngine) engine.migrate(scene.pair.connectionId, '203.0.113.9:5000');
    expect((await scene.pair.server.events.next('pathChanged')).remoteAddress).toBe('203.0.113.9:5000');
    engine.sendCapsules(session.client.sessionId, [capsule(1)]);
    await takeCapsules(scene.pair.server, session.server.sessionId, 1);
  });

  it('refuses requests with 503 while the event queue is full, and counts them', async () => {
    const network = new FakeNetwork();
    const stage = stageOn(network, { eventQueueLimit: 3 });
    await using pair = await stage.connect();
    const ids = Array.from({ length: 5 }, () =>
      pair.client.engine.request(pair.connectionId, requestHeaders),
    );
    await network.settle();
    expect(pair.server.events.all.filter(({ type }) => type === 'request')).toHaveLength(3);
    for (const sessionId of ids.slice(3)) {
      const response = await pair.client.events.next('response', (event) => event.sessionId === sessionId);
      expect(response.status).toBe(503);
    }
    const snapshot = new Snapshot();
    pair.server.engine.snapshot(snapshot);
    expect(snapshot.total('requestsOverflowed')).toBe(2);
  });

  it('closes connections without a session in time, not those with one', async () => {
    await using scene = await connected({ unauthenticatedMs: 5_000 });
    const { client } = scene.pair;
    await openSession(scene.pair);
    const second = value(client.engine.connect(scene.stage.connectorOptions(scene.pair.address)));
    await scene.network.settle();
    scene.clock.advance(5_000);
    const closed = await client.events.next('connectionClosed');
    expect(closed).toMatchObject({ connectionId: second.connectionId, cause: 'peerClosed' });
    expect(client.events.all.filter(({ type }) => type === 'connectionClosed')).toHaveLength(1);
  });

  it('judges certificates by its own clock', async () => {
    const clock = new ManualClock(Date.now() + 400 * 86_400_000);
    const stage = stageOn(new FakeNetwork({ clock }));
    await using ends = stage.listen();
    value(ends.client.engine.connect(stage.connectorOptions(ends.address)));
    expect(await ends.client.events.next('connectionClosed')).toMatchObject({
      cause: 'peerUntrusted',
      reason: 'certificate_expired',
    });
  });

  it('plays a server without extended CONNECT (CIP-109)', async () => {
    const settings = { extendedConnect: false, datagrams: true };
    const stage = stageOn(new FakeNetwork(), { settings });
    await using pair = await stage.connect();
    expect(pair.client.events.all[0]).toMatchObject({ type: 'connected', ...settings });
  });

  it('ends a connection or session with any cause on demand', async () => {
    await using scene = await connected();
    const session = await openSession(scene.pair);
    const { engine, events } = scene.pair.server;
    if (!(engine instanceof FakeEngine)) throw new Error('a fake was expected');
    engine.breakSession(session.server.sessionId, 'engineFault', 0x0102);
    expect(await events.next('sessionClosed')).toMatchObject({ cause: 'engineFault', code: 0x0102 });
    engine.breakConnection(session.server.connectionId, 'peerReset');
    expect(await events.next('connectionClosed')).toMatchObject({ cause: 'peerReset', code: null });
  });

  it('never calls back from inside a command', async () => {
    const events = new EventLog();
    const engine = new FakeEngine({ network: new FakeNetwork(), onEvents: events.onEvents });
    const unknown = value(
      new FakeEngine({ network: new FakeNetwork(), onEvents: () => undefined }).connect(
        stageOn(new FakeNetwork()).connectorOptions('192.0.2.1:443'),
      ),
    );
    engine.request(unknown.connectionId, requestHeaders);
    expect(events.all).toEqual([]);
    expect((await events.next('sessionClosed')).cause).toBe('connectionClosed');
  });
});

async function dispose(pair: ConnectedPair): Promise<void> {
  await pair[Symbol.asyncDispose]();
}
