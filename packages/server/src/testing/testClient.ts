import type { Capsule, ConnectionId, EngineEvent, HeaderField, SessionId } from '@masque-vpn/engine';
import { FakeEngine, type FakeNetwork } from '@masque-vpn/engine/fake';
import {
  buildRequest,
  CapsuleType,
  decodeAddressAssign,
  decodeDnsAssign,
  decodeRouteAdvertisement,
  DEFAULT_LIMITS,
  defaultTemplate,
  expandTemplate,
  formatAddress,
  formatRoute,
  WHOLE_NETWORK,
  type DnsConfiguration,
  type FormattedRoute,
} from '@masque-vpn/protocol';
import type { Credential } from './credential.js';

type EventOf<Type extends EngineEvent['type']> = Extract<EngineEvent, { readonly type: Type }>;

export interface TestClientOptions {
  readonly network: FakeNetwork;
  readonly remoteAddress: string;
  /** Null: connects without a certificate. */
  readonly credential: Pick<Credential, 'chainPem' | 'keyPem'> | null;
  readonly anchorsPem: string;
  /** Resolves when the condition holds; fails loudly when it never does. */
  readonly until: (what: string, holds: () => boolean) => Promise<void>;
}

/** What an answer comes to. */
export interface Answer {
  readonly sessionId: SessionId;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** The other end, as a test drives it: any request, any capsule. */
export class TestClient implements AsyncDisposable {
  readonly events: EngineEvent[] = [];
  readonly engine: FakeEngine;
  readonly #options: TestClientOptions;
  #connectionId: ConnectionId | null = null;

  constructor(options: TestClientOptions) {
    this.#options = options;
    this.engine = new FakeEngine({
      network: options.network,
      onEvents: (events) => this.events.push(...events),
    });
  }

  /** Resolves to how the handshake ended. */
  async connect(): Promise<'connected' | EventOf<'connectionClosed'>['cause']> {
    const { credential, anchorsPem, remoteAddress, until } = this.#options;
    const started = this.engine.connect({
      remoteAddress,
      serverName: 'localhost',
      anchorsPem,
      certificate: credential,
      transport: { idleTimeoutMs: 600_000, keepAliveMs: 1_000, congestionControl: 'adaptive' },
      peerLimits: {
        requestsPerConnection: 100,
        capsuleBytes: 65_536,
        capsulesPerSecond: 1e6,
        capsuleBurst: 1e6,
      },
      mark: null,
    });
    if (!started.ok) throw new Error(started.error.message);
    const { connectionId } = started.value;
    this.#connectionId = connectionId;
    const ending = (): EventOf<'connectionClosed'> | undefined =>
      this.of('connectionClosed').find((event) => event.connectionId === connectionId);
    const connected = (): boolean =>
      this.of('connected').some((event) => event.connectionId === connectionId);
    await until('the handshake to end', () => connected() || ending() !== undefined);
    return connected() ? 'connected' : (ending()?.cause ?? 'unreachable');
  }

  /** The headers of a request for everything; a test changes what it wants to be wrong. */
  static headers(
    options: { readonly instance?: string; readonly path?: string } = {},
  ): readonly HeaderField[] {
    const template = defaultTemplate('localhost:443');
    if (!template.ok) throw new Error(template.error.message);
    const headers = buildRequest(expandTemplate(template.value, WHOLE_NETWORK), {
      instanceId: options.instance ?? null,
    });
    return headers.map(([name, value]) => [name, name === ':path' ? (options.path ?? value) : value]);
  }

  /** Sends a request; early capsules follow it without waiting for the answer. */
  send(headers: readonly HeaderField[] = TestClient.headers(), early: readonly Capsule[] = []): SessionId {
    const sessionId = this.engine.request(this.connectionId, headers);
    if (early.length > 0) this.engine.sendCapsules(sessionId, early);
    return sessionId;
  }

  /** Sends a request and waits for its answer; status 0: the stream was reset without one. */
  async request(headers: readonly HeaderField[] = TestClient.headers()): Promise<Answer> {
    return this.answerTo(this.send(headers));
  }

  async answerTo(sessionId: SessionId): Promise<Answer> {
    const answer = (): EventOf<'response'> | undefined =>
      this.of('response').find((event) => event.sessionId === sessionId);
    const closed = (): boolean => this.closeOf(sessionId) !== null;
    await this.#options.until('an answer', () => answer() !== undefined || closed());
    const found = answer();
    return {
      sessionId,
      status: found?.status ?? 0,
      headers: Object.fromEntries(found?.headers ?? []),
    };
  }

  /** How a session ended; null while it has not. */
  closeOf(sessionId: SessionId): EventOf<'sessionClosed'> | null {
    return this.of('sessionClosed').find((event) => event.sessionId === sessionId) ?? null;
  }

  async ended(sessionId: SessionId): Promise<EventOf<'sessionClosed'>> {
    await this.#options.until('the session to end', () => this.closeOf(sessionId) !== null);
    const closed = this.closeOf(sessionId);
    if (closed === null) throw new Error('the session did not end');
    return closed;
  }

  /** Addresses of the last ADDRESS_ASSIGN, waiting for the first. */
  async addresses(sessionId: SessionId): Promise<readonly string[]> {
    const last = await this.#lastCapsule(sessionId, CapsuleType.addressAssign);
    const decoded = decodeAddressAssign(last.value, DEFAULT_LIMITS);
    if (!decoded.ok) throw new Error(decoded.error.message);
    return decoded.value.map(({ prefix }) => formatAddress(prefix.address));
  }

  /** Routes of the last ROUTE_ADVERTISEMENT, waiting for the first. */
  async routes(sessionId: SessionId): Promise<readonly FormattedRoute[]> {
    const last = await this.#lastCapsule(sessionId, CapsuleType.routeAdvertisement);
    const decoded = decodeRouteAdvertisement(last.value, DEFAULT_LIMITS);
    if (!decoded.ok) throw new Error(decoded.error.message);
    return decoded.value.map(formatRoute);
  }

  /** What the last DNS_ASSIGN says, waiting for the first. */
  async dns(sessionId: SessionId): Promise<readonly DnsConfiguration[]> {
    const last = await this.#lastCapsule(sessionId, CapsuleType.dnsAssign);
    const decoded = decodeDnsAssign(last.value, DEFAULT_LIMITS);
    if (!decoded.ok) throw new Error(decoded.error.message);
    return decoded.value;
  }

  /** Types of all capsules so far, in order. */
  capsuleTypes(sessionId: SessionId): readonly bigint[] {
    return this.of('capsules')
      .filter((event) => event.sessionId === sessionId)
      .flatMap(({ capsules }) => capsules.map(({ type }) => type));
  }

  /** CONNECTION_CLOSE to the server. */
  disconnect(): void {
    this.engine.closeConnection(this.connectionId, 0x100, '');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.engine.close();
  }

  of<Type extends EngineEvent['type']>(type: Type): readonly EventOf<Type>[] {
    return this.events.filter((event): event is EventOf<Type> => event.type === type);
  }

  get connectionId(): ConnectionId {
    if (this.#connectionId === null) throw new Error('not connected');
    return this.#connectionId;
  }

  async #lastCapsule(sessionId: SessionId, type: bigint): Promise<Capsule> {
    const found = (): Capsule | undefined =>
      this.of('capsules')
        .filter((event) => event.sessionId === sessionId)
        .flatMap(({ capsules }) => capsules)
        .findLast((capsule) => capsule.type === type);
    await this.#options.until('a capsule', () => found() !== undefined);
    const capsule = found();
    if (capsule === undefined) throw new Error('no such capsule');
    return capsule;
  }
}
