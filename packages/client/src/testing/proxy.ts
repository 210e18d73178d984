import type { Certificate, EngineEvent, HeaderField, SessionId } from '@masque-vpn/engine';
import { FakeEngine, type FakeNetwork, type FakeSettings } from '@masque-vpn/engine/fake';
import {
  ACCEPT_HEADERS,
  type Capsule,
  type DnsConfiguration,
  fieldValues,
  formatPrefix,
  formatRoute,
  INSTANCE_HEADER,
  parsePrefix,
  type Prefix,
  prefixRange,
  type ProxyForwarding,
  ProxySession,
  type ProxyStep,
  type Route,
} from '@masque-vpn/protocol';

type RequestEvent = Extract<EngineEvent, { readonly type: 'request' }>;

/** What the proxy does with requests; a test changes it while the proxy runs. */
export interface ProxyBehaviour {
  /** Refuse with this status and these fields; null accepts. */
  refusal: { readonly status: number; readonly headers: readonly HeaderField[] } | null;
  /** Prefixes for every session. */
  assigned: readonly string[];
  routes: readonly string[];
  /** What every session is told about DNS. */
  dns: readonly DnsConfiguration[];
  /** The most that may be behind a client. */
  behind: readonly string[];
  /** False leaves requests without an answer. */
  answers: boolean;
}

/** A minimal CONNECT-IP proxy on a fake engine: takes everybody, and gives everybody the same. */
export class TestProxy {
  readonly engine: FakeEngine;
  readonly behaviour: ProxyBehaviour = {
    refusal: null,
    assigned: ['10.89.0.2/32', 'fd4d:5156:504e::2/128'],
    routes: ['0.0.0.0/0', '::/0'],
    dns: [],
    behind: [],
    answers: true,
  };
  /** Every request so far. */
  readonly requests: RequestEvent[] = [];
  /** Capsules that clients sent, by type. */
  readonly received: bigint[] = [];
  /** How sessions ended. */
  readonly ends: string[] = [];
  readonly #open = new Map<SessionId, ProxySession>();

  constructor(network: FakeNetwork, options: ProxyOptions) {
    const { settings } = options;
    this.engine = new FakeEngine({
      network,
      ...(settings === undefined ? {} : { settings }),
      onEvents: (events) => {
        for (const event of events) this.#handle(event);
      },
    });
    const listening = this.engine.listen({
      address: options.address ?? '192.0.2.1:443',
      certificate: options.certificate,
      clientTrust: { anchorsPem: options.anchorsPem, leafSha256: [] },
      transport: { idleTimeoutMs: 30_000, keepAliveMs: null, congestionControl: 'adaptive' },
      peerLimits: {
        requestsPerConnection: 16,
        capsuleBytes: 65_536,
        capsulesPerSecond: 100,
        capsuleBurst: 200,
      },
      maxConnections: 100,
      retryAboveHandshakes: 100,
      unauthenticatedMs: 60_000,
    });
    if (!listening.ok) throw new Error(listening.error.message);
    this.engine.openTun({ name: 'masque0', mtu: 1400, offload: false, backpressure: false });
  }

  /** Instance ids of the requests, in order. */
  get instances(): readonly string[] {
    return this.requests.flatMap(({ headers }) => fieldValues(headers, INSTANCE_HEADER));
  }

  /** Tells every open session of these addresses and routes. */
  change(assigned: readonly string[], routes: readonly string[]): void {
    for (const [id, session] of this.#open) {
      this.#carryOut(id, session.updateAddresses(assigned.map(prefix)));
      this.#carryOut(id, session.updateRoutes(routes.map(route)));
    }
  }

  /** Tells every open session of this DNS. */
  changeDns(dns: readonly DnsConfiguration[]): void {
    for (const [id, session] of this.#open) this.#carryOut(id, session.updateDns(dns));
  }

  /** Sends this to every open session, whatever it is. */
  sendRaw(capsule: Capsule): void {
    for (const id of this.#open.keys()) this.engine.sendCapsules(id, [capsule]);
  }

  /** Ends every session in order, as a server that stops. */
  finish(): void {
    for (const id of this.#open.keys()) this.engine.finish(id);
  }

  #handle(event: EngineEvent): void {
    if (event.type === 'request') this.#answer(event);
    if (event.type === 'sessionClosed') {
      this.ends.push(event.cause);
      this.#open.delete(event.sessionId);
    }
    if (event.type !== 'capsules') return;
    this.received.push(...event.capsules.map(({ type }) => type));
    const session = this.#open.get(event.sessionId);
    if (session !== undefined) this.#carryOut(event.sessionId, session.receive(event.capsules));
  }

  #answer(event: RequestEvent): void {
    this.requests.push(event);
    const { refusal, assigned, routes, dns, behind, answers } = this.behaviour;
    if (!answers) return;
    if (refusal !== null) {
      this.engine.refuse(event.sessionId, refusal.status, refusal.headers, null);
      return;
    }
    const session = new ProxySession({
      assigned: assigned.map(prefix),
      routes: routes.map(route),
      dns,
      behind: behind.map(prefix),
    });
    this.#open.set(event.sessionId, session);
    const { forwarding, capsules } = session.open();
    this.engine.accept(event.sessionId, ACCEPT_HEADERS, forwardingOf(forwarding), capsules);
  }

  #carryOut(id: SessionId, step: ProxyStep): void {
    if (step.forwarding !== null) this.engine.update(id, forwardingOf(step.forwarding));
    this.engine.sendCapsules(id, step.capsules);
    if (step.abort !== null) this.engine.abort(id, step.abort.httpErrorCode);
  }
}

/** What a test proxy is made with. */
export interface ProxyOptions {
  readonly certificate: Certificate;
  /** Whose clients TLS lets in. */
  readonly anchorsPem: string;
  /** UDP address; 192.0.2.1:443. */
  readonly address?: string;
  readonly settings?: FakeSettings;
}

function forwardingOf({ assigned, routes, behind }: ProxyForwarding) {
  return {
    role: 'proxy',
    assigned: assigned.map(formatPrefix),
    routes: routes.map(formatRoute),
    peers: [],
    behind: behind.map(formatPrefix),
    ownIpv4: '10.89.0.1',
    ownIpv6: 'fd4d:5156:504e::1',
  } as const;
}

function prefix(text: string): Prefix {
  const parsed = parsePrefix(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

function route(text: string): Route {
  return { range: prefixRange(prefix(text)), protocol: 0 };
}
