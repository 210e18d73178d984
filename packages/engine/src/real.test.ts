import { describe, expect, it } from 'vitest';
import { addonPath, loadAddon } from './addon.js';
import type { ConnectionId, EngineEvent, SessionId, TunInfo } from './engine.js';
import type { NativeEngine, NativeEvent, NativeFailure, NativeModule, NativeResult } from './native.js';
import { RealEngine } from './real.js';
import { Snapshot, connectionColumns, sessionColumns, totalColumns } from './snapshot.js';

const connectionId = 1 as ConnectionId;
const sessionId = 2 as SessionId;
const tunInfo = {
  name: 't',
  index: 3,
  offloads: { vnetHeader: true, tcp: true, udp: false, queues: false, steering: false },
};
const forwarding = {
  role: 'proxy',
  assigned: [],
  routes: [],
  peers: [],
  ownIpv4: null,
  ownIpv6: null,
} as const;

/** A stand-in for the addon: remembers calls, answers what the test says. */
class AddonStub {
  readonly calls: unknown[][] = [];
  waiting: NativeEvent[] = [];
  rows = { sessionRows: 0, connectionRows: 0 };
  wake: () => void = () => undefined;
  failure: NativeFailure | null = null;

  get module(): NativeModule {
    return {
      layout: () => ({ sessions: sessionColumns, connections: connectionColumns, totals: totalColumns }),
      Engine: EngineStub.bind(null, this),
    };
  }
}

class EngineStub implements NativeEngine {
  readonly #stub: AddonStub;
  readonly closeTun = this.#recorder('closeTun');
  readonly stopListening = this.#recorder('stopListening');
  readonly refuse = this.#recorder('refuse');
  readonly sendCapsules = this.#recorder('sendCapsules');
  readonly finish = this.#recorder('finish');
  readonly abort = this.#recorder('abort');
  readonly dropRules = this.#recorder('dropRules');
  readonly dropMeter = this.#recorder('dropMeter');
  readonly closeConnection = this.#recorder('closeConnection');
  readonly releaseSession = this.#recorder('releaseSession');
  readonly releaseConnection = this.#recorder('releaseConnection');
  readonly setCertificate = this.#succeeding('setCertificate');
  readonly setClientTrust = this.#succeeding('setClientTrust');
  readonly setRules = this.#succeeding('setRules');
  readonly setMeter = this.#succeeding('setMeter');
  readonly accept = this.#succeeding('accept');
  readonly update = this.#succeeding('update');

  constructor(stub: AddonStub, wake: () => void) {
    this.#stub = stub;
    stub.wake = wake;
  }

  drain(max: number): readonly NativeEvent[] {
    return this.#stub.waiting.splice(0, max);
  }

  openTun(): NativeResult<TunInfo> {
    return this.#stub.failure ?? { ok: true, ...tunInfo };
  }

  listen(): NativeResult<{ readonly address: string }> {
    return { ok: true, address: '127.0.0.1:1' };
  }

  connect(): NativeResult<{ readonly connectionId: ConnectionId }> {
    return { ok: true, connectionId };
  }

  request(...args: unknown[]): SessionId {
    this.#stub.calls.push(['request', ...args]);
    return sessionId;
  }

  snapshot(sessions: Float64Array, connections: Float64Array): AddonStub['rows'] {
    this.#stub.calls.push(['snapshot', sessions.length, connections.length]);
    return this.#stub.rows;
  }

  async close(): Promise<void> {
    this.#stub.calls.push(['close']);
  }

  #recorder(name: string): (...args: unknown[]) => void {
    return (...args) => void this.#stub.calls.push([name, ...args]);
  }

  #succeeding(name: string): (...args: unknown[]) => NativeResult {
    const record = this.#recorder(name);
    return (...args) => {
      record(...args);
      return { ok: true };
    };
  }
}

function open(): { stub: AddonStub; engine: RealEngine; batches: (readonly EngineEvent[])[] } {
  const stub = new AddonStub();
  const batches: (readonly EngineEvent[])[] = [];
  const engine = new RealEngine(stub.module, { onEvents: (events) => batches.push(events) });
  return { stub, engine, batches };
}

describe('the facade of the native engine', () => {
  it('flattens headers and splits capsules without copying', () => {
    const { stub, engine } = open();
    const bytes = Uint8Array.of(0, 1, 2, 3).subarray(1, 3);
    engine.request(connectionId, [
      [':method', 'CONNECT'],
      ['a', 'b'],
    ]);
    engine.accept(sessionId, [['c', 'd']], forwarding, [{ type: 1n, value: bytes }]);
    engine.sendCapsules(sessionId, [{ type: 3n, value: bytes }]);
    const buffer = Buffer.of(1, 2);
    expect(stub.calls).toEqual([
      ['request', connectionId, [':method', 'CONNECT', 'a', 'b']],
      ['accept', sessionId, ['c', 'd'], forwarding, [1n], [buffer]],
      ['sendCapsules', sessionId, [3n], [buffer]],
    ]);
  });

  it('pairs the headers of events and hands them on in order', () => {
    const { stub, batches } = open();
    stub.waiting = [
      { type: 'response', connectionId, sessionId, status: 200, headers: ['a', 'b', 'c', ''] },
      { type: 'mtuChanged', connectionId, sessionId, tunnelMtu: 1400 },
    ];
    stub.wake();
    expect(batches).toEqual([
      [
        {
          type: 'response',
          connectionId,
          sessionId,
          status: 200,
          headers: [
            ['a', 'b'],
            ['c', ''],
          ],
        },
        { type: 'mtuChanged', connectionId, sessionId, tunnelMtu: 1400 },
      ],
    ]);
    stub.wake();
    expect(batches).toHaveLength(1);
  });

  it('keeps failures as data', () => {
    const { stub, engine } = open();
    expect(engine.openTun({ name: 't', mtu: 1400, offload: true, backpressure: false })).toEqual({
      ok: true,
      value: tunInfo,
    });
    stub.failure = { ok: false, code: 'ENGINE_IO', message: 'broken' };
    expect(engine.openTun({ name: 't', mtu: 1400, offload: true, backpressure: false })).toEqual({
      ok: false,
      error: { code: 'ENGINE_IO', message: 'broken' },
    });
  });

  it('grows a snapshot until all rows fit', () => {
    const { stub, engine } = open();
    stub.rows = { sessionRows: 1_000, connectionRows: 70 };
    const snapshot = new Snapshot();
    engine.snapshot(snapshot);
    expect(snapshot).toMatchObject(stub.rows);
    expect(snapshot.sessions.length).toBeGreaterThanOrEqual(1_000 * sessionColumns.length);
    expect(snapshot.connections.length).toBeGreaterThanOrEqual(70 * connectionColumns.length);
    expect(stub.calls).toHaveLength(2);
  });

  it('closes once, then neither calls the addon nor delivers', async () => {
    const { stub, engine, batches } = open();
    await Promise.all([engine.close(), engine[Symbol.asyncDispose]()]);
    stub.waiting = [{ type: 'mtuChanged', connectionId, sessionId, tunnelMtu: 1400 }];
    stub.wake();
    engine.finish(sessionId);
    engine.snapshot(new Snapshot());
    expect(engine.update(sessionId, forwarding)).toMatchObject({
      ok: false,
      error: { code: 'ENGINE_CLOSED' },
    });
    expect(batches).toEqual([]);
    expect(stub.calls).toEqual([['close']]);
  });
});

describe('loading the addon', () => {
  it('says how to build it when it is missing', () => {
    const loaded = loadAddon('/nonexistent/masque-engine.node');
    expect(loaded).toMatchObject({ ok: false, error: { code: 'ENGINE_MISSING' } });
    expect(loaded.ok ? '' : loaded.error.message).toContain('npm run build');
  });

  it('refuses a module that is something else', () => {
    expect(loadAddon('node:path')).toMatchObject({ ok: false, error: { code: 'ENGINE_MISSING' } });
  });

  it('takes the path from the environment, else the one in this package', () => {
    expect(addonPath({ MASQUE_VPN_ENGINE: '/tmp/other.node' })).toBe('/tmp/other.node');
    expect(addonPath({})).toBe('@masque-vpn/engine/native');
  });
});
