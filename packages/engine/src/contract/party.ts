import type {
  Capsule,
  ConnectionId,
  ConnectorOptions,
  Engine,
  EngineErrorCode,
  EngineOptions,
  EngineResult,
  Forwarding,
  HeaderField,
  ListenerOptions,
  SessionId,
} from '../engine.js';
import { serverName, type TestCertificates } from './certificates.js';
import { EventLog } from './eventLog.js';

/** Where engines of one test meet: the loopback interface, or a fake network. */
export interface World {
  open(options: EngineOptions): Engine;
}

/** An engine and what it reported. */
export interface Party extends AsyncDisposable {
  readonly engine: Engine;
  readonly events: EventLog;
}

/** A client that is connected to a server. */
export interface ConnectedPair extends AsyncDisposable {
  readonly server: Party;
  readonly client: Party;
  readonly address: string;
  /** The client's id of the connection. */
  readonly connectionId: ConnectionId;
}

/** One open session, seen from both ends. */
export interface OpenSession {
  readonly server: { readonly connectionId: ConnectionId; readonly sessionId: SessionId };
  readonly client: { readonly connectionId: ConnectionId; readonly sessionId: SessionId };
}

export const requestHeaders: readonly HeaderField[] = [
  [':method', 'CONNECT'],
  [':protocol', 'connect-ip'],
  [':scheme', 'https'],
  [':authority', serverName],
  [':path', '/.well-known/masque/ip/*/*/'],
  ['capsule-protocol', '?1'],
];

export const responseHeaders: readonly HeaderField[] = [['capsule-protocol', '?1']];

/** The proxy's forwarding for a peer that owns 10.0.0.`host`. */
export function proxyForwarding(host = 2): Forwarding {
  return {
    role: 'proxy',
    assigned: [`10.0.0.${host}/32`],
    routes: [{ start: '0.0.0.0', end: '255.255.255.255', protocol: 0 }],
    peers: ['10.0.0.0/24'],
    ownIpv4: '10.0.0.1',
    ownIpv6: null,
  };
}

/** A capsule of one of the known types, every byte of its value telling where it stands. */
export function capsule(length: number, type = 1n): Capsule {
  return { type, value: Uint8Array.from({ length }, (_, index) => (index * 7 + length) % 251) };
}

/** Engines of one test run, and how to bring them together. */
export class Stage {
  readonly certificates: TestCertificates;
  readonly #makeWorld: () => World;

  constructor(certificates: TestCertificates, makeWorld: () => World) {
    this.certificates = certificates;
    this.#makeWorld = makeWorld;
  }

  world(): World {
    return this.#makeWorld();
  }

  party(world: World): Party {
    const events = new EventLog();
    const engine = world.open({ onEvents: events.onEvents });
    return { engine, events, [Symbol.asyncDispose]: () => engine.close() };
  }

  listenerOptions(overrides: Partial<ListenerOptions> = {}): ListenerOptions {
    const { server, authority } = this.certificates;
    return {
      address: '127.0.0.1:0',
      certificate: server,
      clientTrust: { anchorsPem: authority.anchorsPem, leafSha256: [] },
      transport: { idleTimeoutMs: 10_000, keepAliveMs: null, congestionControl: 'adaptive' },
      peerLimits: {
        requestsPerConnection: 16,
        capsuleBytes: 65_536,
        capsulesPerSecond: 1e6,
        capsuleBurst: 1e6,
      },
      maxConnections: 100,
      retryAboveHandshakes: 100,
      unauthenticatedMs: 10_000,
      ...overrides,
    };
  }

  connectorOptions(remoteAddress: string, overrides: Partial<ConnectorOptions> = {}): ConnectorOptions {
    const { client, authority } = this.certificates;
    return {
      remoteAddress,
      serverName,
      anchorsPem: authority.anchorsPem,
      certificate: client,
      transport: { idleTimeoutMs: 10_000, keepAliveMs: 2_000, congestionControl: 'adaptive' },
      peerLimits: {
        requestsPerConnection: 16,
        capsuleBytes: 65_536,
        capsulesPerSecond: 1e6,
        capsuleBurst: 1e6,
      },
      mark: null,
      ...overrides,
    };
  }

  /** A listening server and a client that has not connected. */
  listen(
    overrides: Partial<ListenerOptions> = {},
  ): AsyncDisposable & { server: Party; client: Party; address: string } {
    const world = this.world();
    const server = this.party(world);
    const client = this.party(world);
    const { address } = value(server.engine.listen(this.listenerOptions(overrides)));
    return { server, client, address, [Symbol.asyncDispose]: () => closeAll(client, server) };
  }

  async connect(
    listener: Partial<ListenerOptions> = {},
    connector: Partial<ConnectorOptions> = {},
  ): Promise<ConnectedPair> {
    const ends = this.listen(listener);
    const { client, address } = ends;
    const { connectionId } = value(client.engine.connect(this.connectorOptions(address, connector)));
    await client.events.next('connected', (event) => event.connectionId === connectionId);
    return { ...ends, connectionId };
  }
}

/** Sends a request and has it accepted; the first capsule events and `mtuChanged` stay in the logs. */
export async function openSession(
  { server, client, connectionId }: ConnectedPair,
  options: { readonly capsules?: readonly Capsule[]; readonly forwarding?: Forwarding } = {},
): Promise<OpenSession> {
  const sessionId = client.engine.request(connectionId, requestHeaders);
  const request = await server.events.next('request');
  const forwarding = options.forwarding ?? proxyForwarding();
  value(server.engine.accept(request.sessionId, responseHeaders, forwarding, options.capsules ?? []));
  await client.events.next('response', (event) => event.sessionId === sessionId);
  return {
    server: { connectionId: request.connectionId, sessionId: request.sessionId },
    client: { connectionId, sessionId },
  };
}

/** Takes `count` capsules of one session, however they were batched. */
export async function takeCapsules(
  party: Party,
  sessionId: SessionId,
  count: number,
): Promise<readonly Capsule[]> {
  const taken: Capsule[] = [];
  while (taken.length < count) {
    const { capsules } = await party.events.next('capsules', (event) => event.sessionId === sessionId);
    taken.push(...capsules);
  }
  return taken;
}

/** The value of a command that has to succeed. */
export function value<Value>(
  result: { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: unknown },
): Value {
  if (!result.ok) throw new Error(`the command failed: ${JSON.stringify(result.error)}`);
  return result.value;
}

/** The code of a failed command. */
export function codeOf(result: EngineResult<unknown>): EngineErrorCode | 'ok' {
  return result.ok ? 'ok' : result.error.code;
}

/** Plain data, so that Buffer and Uint8Array compare equal. */
export function plain(capsules: readonly Capsule[]): readonly { type: bigint; hex: string }[] {
  return capsules.map(({ type, value }) => ({ type, hex: Buffer.from(value).toString('hex') }));
}

async function closeAll(...parties: readonly Party[]): Promise<void> {
  await Promise.all(parties.map(({ engine }) => engine.close()));
}
