import { expect } from 'vitest';
import type { Access, AccessRule, Engine, Forwarding, FlowSample, RuleSet, RemoteMatch } from '../engine.js';
import { dropReasons, Snapshot, type DropReason, type TotalColumn } from '../snapshot.js';
import { ipPacket, protocols, udp, type PacketShape } from '../testing/packets.js';
import {
  openSession,
  proxyForwarding,
  value,
  type ConnectedPair,
  type OpenSession,
  type Stage,
} from './party.js';

/** Rule set that `JudgedSessions` gives its sessions. */
export const ruleSet = 1;

/** What became of a packet: handed to another session, or dropped. Without a TUN, what may leave is dropped as `noTun`. */
export type Fate = 'switched' | DropReason;
/** The fate of a packet to a host outside that is allowed. */
export const allowed: Fate = 'noTun';

/** A rule that allows all byPeer flows, but for what a test says. */
export function rule(parts: Partial<AccessRule> & { readonly id: number }): AccessRule {
  return { action: 'allow', opened: 'byPeer', remote: { kind: 'any' }, protocol: 0, ports: [], ...parts };
}

/** What a session is judged by, but for what a test says. */
export function access(parts: Partial<Access> = {}): Access {
  return { rules: ruleSet, labels: [], meters: { fromPeer: [], toPeer: [] }, ...parts };
}

/** The forwarding of a peer with 10.0.0.`host` and 2001:db8::`host` that is judged. */
export function judgedForwarding(host: number, parts: Partial<Forwarding> = {}): Forwarding {
  return {
    ...proxyForwarding(host),
    assigned: [`10.0.0.${host}/32`, `2001:db8::${host}/128`],
    routes: [
      { start: '0.0.0.0', end: '255.255.255.255', protocol: 0 },
      { start: '::', end: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', protocol: 0 },
    ],
    peers: ['10.0.0.0/24', '2001:db8::/64'],
    access: access(),
    ...parts,
  };
}

/** A host outside. */
export const outside = '198.51.100.7';

/** A packet of 10.0.0.2 to a host outside. */
export function fromTwo(
  destination = outside,
  upper = udp(4_000, 53),
  protocol: number = protocols.udp,
): PacketShape {
  return { source: '10.0.0.2', destination, upper, protocol };
}

/** A packet from one session to another: 10.0.0.`host` to 10.0.0.`to`. */
export function between(
  host: number,
  to: number,
  upper = udp(4_000, 53),
  protocol: number = protocols.udp,
): PacketShape {
  return { source: `10.0.0.${host}`, destination: `10.0.0.${to}`, upper, protocol };
}

/** Sessions with one of the labels. */
export const labels = (...list: number[]): RemoteMatch => ({ kind: 'labels', labels: list });

/** The peer may open flows to every host. */
export const anything: readonly AccessRule[] = [rule({ id: 1 })];

/** Sessions labelled 1 may open flows to sessions labelled 2. */
export const oneToTwo: readonly AccessRule[] = [
  rule({ id: 1, remote: labels(2) }),
  rule({ id: 2, opened: 'towardsPeer', remote: labels(1) }),
];

/** A connection whose sessions are judged by rules, and whose peer sends packets as DATAGRAM capsules. */
export class JudgedSessions implements AsyncDisposable {
  readonly pair: ConnectedPair;
  #sent = 0;

  private constructor(pair: ConnectedPair) {
    this.pair = pair;
  }

  static async start(stage: Stage, rules: RuleSet['rules']): Promise<JudgedSessions> {
    const sessions = new JudgedSessions(await stage.connect());
    sessions.setRules(rules);
    return sessions;
  }

  get server(): Engine {
    return this.pair.server.engine;
  }

  setRules(rules: RuleSet['rules'], id = ruleSet): void {
    value(this.server.setRules(id, { rules }));
  }

  open(host: number, parts: Partial<Forwarding> = {}): Promise<OpenSession> {
    return openSession(this.pair, { forwarding: judgedForwarding(host, parts) });
  }

  /** The peer sends packets; nobody waits for what becomes of them. */
  post(session: OpenSession, ...shapes: readonly PacketShape[]): void {
    this.#sent += shapes.length;
    const capsules = shapes.map((shape) => ({ type: 0n, value: Uint8Array.of(0, ...ipPacket(shape)) }));
    this.pair.client.engine.sendCapsules(session.client.sessionId, capsules);
  }

  /** The peer sends a packet; resolves when the server has dealt with it. */
  async send(session: OpenSession, shape: PacketShape): Promise<Fate> {
    const before = this.counts();
    this.post(session, shape);
    await this.settle();
    const after = this.counts();
    const grown = (column: TotalColumn): boolean => after.total(column) > before.total(column);
    const dropped = dropReasons.find((reason) => grown(`inboundDrops.${reason}`));
    return dropped ?? 'switched';
  }

  /** Waits until every packet sent is accounted for. */
  async settle(): Promise<void> {
    const accounted = (): number => {
      const counts = this.counts();
      const drops = dropReasons.map((reason) => counts.total(`inboundDrops.${reason}`));
      return drops.reduce((sum, count) => sum + count, counts.total('inboundForwarded'));
    };
    await expect.poll(accounted, { interval: 1, timeout: 10_000 }).toBe(this.#sent);
    expect(this.counts().total('inboundReceived')).toBe(this.#sent);
  }

  counts(): Snapshot {
    const snapshot = new Snapshot();
    this.server.snapshot(snapshot);
    return snapshot;
  }

  /** The next sample of a verdict. */
  async sample(verdict: FlowSample['verdict']): Promise<FlowSample> {
    const has = (sample: FlowSample): boolean => sample.verdict === verdict;
    const { flows } = await this.pair.server.events.next('flows', (event) => event.flows.some(has));
    const found = flows.find(has);
    if (found === undefined) throw new Error('the event was chosen for its sample');
    return found;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.pair[Symbol.asyncDispose]());
  }
}
