import { readFile } from 'node:fs/promises';
import { parseProfile, type Profile } from '@masque-vpn/client';
import type { ConnectionId, EngineEvent, Forwarding, HeaderField, SessionId } from '@masque-vpn/engine';
import type { NetworkNamespace } from '../network/namespace.js';
import type { KeyedCertificate } from '../pki/certificates.js';
import { RogueEngine } from './rogueEngine.js';

type EventOf<Type extends EngineEvent['type']> = Extract<EngineEvent, { readonly type: Type }>;

/** The answer to a request. */
export interface RogueResponse {
  readonly sessionId: SessionId;
  readonly status: number;
  readonly headers: readonly HeaderField[];
}

/** What can be different from a decent client's connection. */
export interface RogueConnectOptions {
  /** Present this instead of the profile's certificate; null: none. */
  readonly certificate?: KeyedCertificate | null;
  /** Trust these authorities, PEM, instead of the profile's. */
  readonly anchors?: string;
  readonly idleTimeoutMs?: number;
}

/** Every source address and every route: nothing is filtered before the server sees it. */
const unfiltered: Forwarding = {
  role: 'client',
  assigned: ['0.0.0.0/0', '::/0'],
  routes: [
    { start: '0.0.0.0', end: '255.255.255.255', protocol: 0 },
    { start: '::', end: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', protocol: 0 },
  ],
  peers: [],
  ownIpv4: null,
  ownIpv6: null,
};

/** A client that sends what it is told to, whether it may or not. */
export class RogueClient implements AsyncDisposable {
  readonly engine: RogueEngine;

  private constructor(
    private readonly namespace: NetworkNamespace,
    private readonly profile: Profile,
    private readonly serverAddress: string,
  ) {
    this.engine = new RogueEngine(namespace);
  }

  static async create(
    namespace: NetworkNamespace,
    profileFile: string,
    serverAddress: string,
  ): Promise<RogueClient> {
    const profile = parseProfile(await readFile(profileFile, 'utf8'), profileFile);
    if (!profile.ok) throw new Error(profile.error.message);
    return new RogueClient(namespace, profile.value, serverAddress);
  }

  /** Starts a connection and waits until it is up or refused. */
  async connect({
    certificate,
    anchors = this.profile.ca,
    idleTimeoutMs = 30_000,
  }: RogueConnectOptions = {}): Promise<EventOf<'connected'> | EventOf<'connectionClosed'>> {
    const { certificate: certificatePem, privateKey: privateKeyPem } = this.profile;
    const presented = certificate === undefined ? { certificatePem, privateKeyPem } : certificate;
    const started = await this.engine.call('connect', {
      remoteAddress: `${this.serverAddress}:443`,
      serverName: this.serverAddress,
      anchorsPem: anchors,
      certificate: presented && { chainPem: presented.certificatePem, keyPem: presented.privateKeyPem },
      transport: { idleTimeoutMs, keepAliveMs: null, congestionControl: 'adaptive' },
      peerLimits: {
        requestsPerConnection: 16,
        capsuleBytes: 65_536,
        capsulesPerSecond: 1000,
        capsuleBurst: 1000,
      },
      mark: null,
    });
    if (!started.ok) throw new Error(started.error.message);
    const { connectionId } = started.value;
    return this.engine.event(
      'connection',
      (event): event is EventOf<'connected'> | EventOf<'connectionClosed'> =>
        (event.type === 'connected' || event.type === 'connectionClosed') &&
        event.connectionId === connectionId,
    );
  }

  /** Connects, and throws when that is refused. */
  async connected(options: RogueConnectOptions = {}): Promise<ConnectionId> {
    const event = await this.connect(options);
    if (event.type === 'connectionClosed') throw new Error(`refused: ${event.cause} ${event.reason}`);
    return event.connectionId;
  }

  /** A CONNECT-IP request; `changes` replaces header fields, null leaves one out. Waits for the answer. */
  async request(
    connectionId: ConnectionId,
    changes: Readonly<Record<string, string | null>> = {},
  ): Promise<RogueResponse | EventOf<'sessionClosed'>> {
    const fields: Record<string, string | null> = {
      ':method': 'CONNECT',
      ':protocol': 'connect-ip',
      ':scheme': 'https',
      ':authority': `${this.serverAddress}:443`,
      ':path': '/.well-known/masque/ip/*/*/',
      'capsule-protocol': '?1',
      ...changes,
    };
    const headers = Object.entries(fields).flatMap(([name, value]) =>
      value === null ? [] : [[name, value] as const],
    );
    const sessionId = await this.engine.call('request', connectionId, headers);
    return this.engine.event(
      'answer to a request',
      (event): event is EventOf<'response'> | EventOf<'sessionClosed'> =>
        (event.type === 'response' || event.type === 'sessionClosed') && event.sessionId === sessionId,
    );
  }

  /** Connects and opens a session; throws when either is refused. */
  async session(): Promise<{ connectionId: ConnectionId; sessionId: SessionId }> {
    const connectionId = await this.connected();
    const answer = await this.request(connectionId);
    if (!('status' in answer) || answer.status !== 200) throw new Error(`refused: ${JSON.stringify(answer)}`);
    return { connectionId, sessionId: answer.sessionId };
  }

  /** Opens a TUN that sends anything through the session; addresses are added and everything is routed there. */
  async attachTun(
    sessionId: SessionId,
    name: string,
    addresses: readonly string[],
    routes: readonly string[],
  ): Promise<void> {
    const tun = await this.engine.call('openTun', { name, mtu: 1400, offload: false, backpressure: false });
    if (!tun.ok) throw new Error(tun.error.message);
    await this.engine.call('update', sessionId, unfiltered);
    await this.namespace.ip([
      ...addresses.map(
        (address) => `addr add ${address} dev ${name}${address.includes(':') ? ' nodad' : ''}`,
      ),
      `link set ${name} up`,
      ...routes.map((route) => `route add ${route} dev ${name}`),
    ]);
  }

  /** Waits for the end of a session. */
  async closed(sessionId: SessionId): Promise<EventOf<'sessionClosed'>> {
    return this.engine.event(
      'end of a session',
      (event): event is EventOf<'sessionClosed'> =>
        event.type === 'sessionClosed' && event.sessionId === sessionId,
    );
  }

  /** Waits for the end of a connection. */
  async connectionClosed(connectionId: ConnectionId): Promise<EventOf<'connectionClosed'>> {
    return this.engine.event(
      'end of a connection',
      (event): event is EventOf<'connectionClosed'> =>
        event.type === 'connectionClosed' && event.connectionId === connectionId,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine[Symbol.asyncDispose]();
  }
}
