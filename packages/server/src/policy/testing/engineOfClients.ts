import { setTimeout as delay } from 'node:timers/promises';
import {
  dropReasons,
  Snapshot,
  type Access,
  type DropReason,
  type Engine,
  type EngineEvent,
  type EngineOptions,
  type EngineResult,
  type Forwarding,
  type SessionId,
} from '@masque-vpn/engine';
import { DEFAULT_PATH } from '@masque-vpn/protocol';
import { CertificateAuthority } from '../../pki/authority.js';
import { generateKeys, privateKeyPem } from '../../pki/keys.js';
import { PublicKey } from '../../pki/x509.js';
import { makeKeyAndRequest } from '../../testing/credential.js';
import { packetBytes, type PacketText } from './packet.js';

/** What became of a packet: it left, it went to another session, or it was dropped. */
export type Fate = 'left' | 'switched' | DropReason;

const day = 86_400_000;

type EventOf<Type extends EngineEvent['type']> = Extract<EngineEvent, { readonly type: Type }>;

/** An engine as a server has it, with one session per client, whose packets a test makes up. No TUN is needed. */
export class EngineOfClients implements AsyncDisposable {
  readonly engine: Engine;
  readonly #client: Engine;
  readonly #serverEvents: EngineEvent[];
  readonly #clientEvents: EngineEvent[];
  readonly #sessions = new Map<string, { readonly server: SessionId; readonly client: SessionId }>();
  #connection: EventOf<'connected'> | null = null;
  #sent = 0;

  private constructor(open: (options: EngineOptions) => EngineResult<Engine>) {
    const serverEvents: EngineEvent[] = [];
    const clientEvents: EngineEvent[] = [];
    this.#serverEvents = serverEvents;
    this.#clientEvents = clientEvents;
    this.engine = valueOf(open({ onEvents: (events) => void serverEvents.push(...events) }));
    this.#client = valueOf(open({ onEvents: (events) => void clientEvents.push(...events) }));
  }

  static async start(open: (options: EngineOptions) => EngineResult<Engine>): Promise<EngineOfClients> {
    const engines = new EngineOfClients(open);
    await engines.#connect();
    return engines;
  }

  /** Opens the session of a client; it must have been given its rules before. */
  async open(client: string, forwarding: Forwarding): Promise<void> {
    if (this.#connection === null) throw new Error('not connected');
    const clientId = this.#client.request(this.#connection.connectionId, [
      [':method', 'CONNECT'],
      [':protocol', 'connect-ip'],
      [':scheme', 'https'],
      [':authority', 'localhost'],
      [':path', DEFAULT_PATH],
      ['capsule-protocol', '?1'],
    ]);
    const request = await this.#next(this.#serverEvents, 'request');
    valueOf(this.engine.accept(request.sessionId, [['capsule-protocol', '?1']], forwarding, []));
    await this.#next(this.#clientEvents, 'response');
    this.#sessions.set(client, { server: request.sessionId, client: clientId });
  }

  /** A client's session is judged by something else from now on. */
  update(client: string, forwarding: Forwarding): void {
    valueOf(this.engine.update(this.#session(client).server, forwarding));
  }

  /** The client sends a packet; resolves when the server has dealt with it. */
  async send(client: string, packet: PacketText): Promise<Fate> {
    const before = this.#counts();
    const value = Uint8Array.of(0, ...packetBytes(packet));
    this.#client.sendCapsules(this.#session(client).client, [{ type: 0n, value }]);
    this.#sent += 1;
    await eventually(() => accounted(this.#counts()) === this.#sent);
    const after = this.#counts();
    const reason = dropReasons.find(
      (each) => after.total(`inboundDrops.${each}`) > before.total(`inboundDrops.${each}`),
    );
    // Without a TUN what may leave is dropped at its door.
    return reason === 'noTun' ? 'left' : (reason ?? 'switched');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
    await this.engine.close();
  }

  async #connect(): Promise<void> {
    const now = Date.now();
    const authority = await CertificateAuthority.make(now);
    const keys = generateKeys();
    const server = await authority.issueServerCertificate({
      publicKey: new PublicKey(keys.publicKey.export({ type: 'spki', format: 'der' })),
      names: [{ type: 'dns', value: 'localhost' }],
      now,
      validityMs: day,
    });
    const { keyPem, csrPem } = await makeKeyAndRequest('test');
    const client = await authority.issueClientCertificate({ csrPem, clientId: 'test', now });
    if (!client.ok) throw new Error(client.error.message);
    const peerLimits = {
      requestsPerConnection: 100,
      capsuleBytes: 65_536,
      capsulesPerSecond: 1e6,
      capsuleBurst: 1e6,
    };
    const transport = { idleTimeoutMs: 600_000, keepAliveMs: 1_000, congestionControl: 'adaptive' } as const;
    const listening = this.engine.listen({
      address: '127.0.0.1:0',
      certificate: { chainPem: server.pem, keyPem: privateKeyPem(keys.privateKey) },
      clientTrust: { anchorsPem: authority.certificatePem, leafSha256: [] },
      transport,
      peerLimits,
      maxConnections: 10,
      retryAboveHandshakes: 10,
      unauthenticatedMs: 10_000,
    });
    this.#client.connect({
      remoteAddress: valueOf(listening).address,
      serverName: 'localhost',
      anchorsPem: authority.certificatePem,
      certificate: { chainPem: client.value.pem, keyPem },
      transport,
      peerLimits,
      mark: null,
    });
    this.#connection = await this.#next(this.#clientEvents, 'connected');
  }

  #session(client: string): { readonly server: SessionId; readonly client: SessionId } {
    const session = this.#sessions.get(client);
    if (session === undefined) throw new Error(`${client} has no session`);
    return session;
  }

  #counts(): Snapshot {
    const snapshot = new Snapshot();
    this.engine.snapshot(snapshot);
    return snapshot;
  }

  /** Takes the next event of a kind. */
  async #next<Type extends EngineEvent['type']>(events: EngineEvent[], type: Type): Promise<EventOf<Type>> {
    const isWanted = (event: EngineEvent): event is EventOf<Type> => event.type === type;
    await eventually(() => events.some(isWanted));
    const found = events.find(isWanted);
    if (found === undefined) throw new Error('it was there a moment ago');
    events.splice(0, events.indexOf(found) + 1);
    return found;
  }
}

/** Forwarding of a client with these addresses, as the server would have it. */
export function clientForwarding(
  addresses: readonly string[],
  access: Access,
  behind: readonly string[] = [],
): Forwarding {
  return {
    role: 'proxy',
    assigned: addresses.map((address) => `${address}/${address.includes(':') ? 128 : 32}`),
    routes: [
      { start: '0.0.0.0', end: '255.255.255.255', protocol: 0 },
      { start: '::', end: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', protocol: 0 },
    ],
    peers: ['10.89.0.0/24', 'fd89::/64'],
    behind,
    access,
    ownIpv4: '10.89.0.1',
    ownIpv6: 'fd89::1',
  };
}

function accounted(counts: Snapshot): number {
  const drops = dropReasons.map((reason) => counts.total(`inboundDrops.${reason}`));
  return drops.reduce((sum, count) => sum + count, counts.total('inboundForwarded'));
}

async function eventually(holds: () => boolean): Promise<void> {
  const patience = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > patience) throw new Error('waited in vain');
    await delay(0);
  }
}

function valueOf<T>(result: EngineResult<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${result.error.code}: ${result.error.message}`);
}
