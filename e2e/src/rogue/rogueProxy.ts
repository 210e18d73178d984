import type { EngineEvent, Forwarding, SessionId } from '@masque-vpn/engine';
import type { Machine } from '../lab/machine.js';
import { foreignAuthority, issue } from '../pki/certificates.js';
import type { RogueEngine } from './rogueEngine.js';

const serverName = 'vpn.example.org';
const transport = { idleTimeoutMs: 10_000, keepAliveMs: null, congestionControl: 'adaptive' } as const;
const peerLimits = {
  requestsPerConnection: 1,
  capsuleBytes: 65_536,
  capsulesPerSecond: 100,
  capsuleBurst: 100,
} as const;

/** A session's ids at both ends. */
export interface RogueSession {
  readonly asked: SessionId;
  readonly answered: SessionId;
}

/** An engine that listens and accepts whoever asks, with nothing of the product around it. */
export class RogueProxy {
  /** Sessions that `accept` returned, at this end. */
  private readonly accepted = new Set<SessionId>();

  private constructor(
    private readonly machine: Machine,
    private readonly engine: RogueEngine,
    private readonly anchorsPem: string,
  ) {}

  /** Listens on port 443 of the machine that `engine` runs on. */
  static async listen(machine: Machine, engine: RogueEngine): Promise<RogueProxy> {
    const authority = await foreignAuthority();
    const certificate = await issue(authority, serverName, undefined, [{ type: 'dns', value: serverName }]);
    const listening = await engine.call('listen', {
      address: '[::]:443',
      certificate: { chainPem: certificate.certificatePem, keyPem: certificate.privateKeyPem },
      clientTrust: { anchorsPem: '', leafSha256: [] },
      ...{ transport, peerLimits, maxConnections: 100, retryAboveHandshakes: 100, unauthenticatedMs: 10_000 },
    });
    if (!listening.ok) throw new Error(listening.error.message);
    return new RogueProxy(machine, engine, authority.certificatePem);
  }

  /** A session of `peer`, which has one address, `assigned`, and may send anywhere. */
  async accept(peer: RogueEngine, outer: 'ipv4' | 'ipv6', assigned: string): Promise<RogueSession> {
    const connected = await peer.call('connect', {
      remoteAddress: outer === 'ipv4' ? `${this.machine.ipv4}:443` : `[${this.machine.ipv6}]:443`,
      ...{ serverName, anchorsPem: this.anchorsPem, certificate: null, transport, peerLimits, mark: null },
    });
    if (!connected.ok) throw new Error(connected.error.message);
    const { connectionId } = connected.value;
    await peer.event(
      'connection',
      (event): event is EventOf<'connected'> =>
        event.type === 'connected' && event.connectionId === connectionId,
    );
    const asked = await peer.call('request', connectionId, [
      [':method', 'CONNECT'],
      [':protocol', 'connect-ip'],
      [':scheme', 'https'],
      [':authority', serverName],
      [':path', '/'],
    ]);
    const { sessionId: answered } = await this.engine.event(
      'request',
      (event): event is EventOf<'request'> => event.type === 'request' && !this.accepted.has(event.sessionId),
    );
    this.accepted.add(answered);
    const forwarding: Omit<Forwarding, 'role'> = {
      assigned: [assigned],
      routes: [{ start: '0.0.0.0', end: '255.255.255.255', protocol: 0 }],
      ...{ peers: [], ownIpv4: null, ownIpv6: null },
    };
    const taken = await this.engine.call('accept', answered, [], { ...forwarding, role: 'proxy' }, []);
    if (!taken.ok) throw new Error(taken.error.message);
    await peer.event(
      'response',
      (event): event is EventOf<'response'> => event.type === 'response' && event.sessionId === asked,
    );
    const updated = await peer.call('update', asked, { ...forwarding, role: 'client' });
    if (!updated.ok) throw new Error(updated.error.message);
    return { asked, answered };
  }
}

type EventOf<Type extends EngineEvent['type']> = Extract<EngineEvent, { readonly type: Type }>;
