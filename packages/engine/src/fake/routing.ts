import {
  compareAddresses,
  addressRange,
  formatPrefix,
  parseAddress,
  parsePrefix,
  prefixContains,
  rangeContains,
  type IpAddress,
  type Prefix,
  type Route,
} from '@masque-vpn/protocol';
import type { Access, EngineResult, Forwarding, RouteRange } from '../engine.js';
import { failed } from './failure.js';
import type { DropReason } from '../snapshot.js';
import type { PacketHeader } from './packet.js';

/** ICMP passes whatever protocol a route names (RFC 9484 §4.7.3). */
const icmp = new Set([1, 58]);

/** Forwarding state in a form that packets can be asked against. */
export class Routing {
  readonly role: Forwarding['role'];
  /** What flows are judged by. */
  readonly access: Access | null;
  readonly #assigned: readonly Prefix[];
  readonly #behind: readonly Prefix[];
  readonly #routes: readonly Route[];
  readonly #peers: readonly Prefix[];
  readonly #own: readonly IpAddress[];

  private constructor(parts: {
    readonly role: Forwarding['role'];
    readonly access: Access | null;
    readonly assigned: readonly Prefix[];
    readonly behind: readonly Prefix[];
    readonly routes: readonly Route[];
    readonly peers: readonly Prefix[];
    readonly own: readonly IpAddress[];
  }) {
    this.role = parts.role;
    this.access = parts.access;
    this.#assigned = parts.assigned;
    this.#behind = parts.behind;
    this.#routes = parts.routes;
    this.#peers = parts.peers;
    this.#own = parts.own;
  }

  /** Fails with ENGINE_INVALID_ARGUMENT. */
  static compile(forwarding: Forwarding): EngineResult<Routing> {
    const assigned = compilePrefixes(forwarding.assigned);
    if (!assigned.ok) return assigned;
    const behind = compilePrefixes(forwarding.behind ?? []);
    if (!behind.ok) return behind;
    const peers = compilePrefixes(forwarding.peers);
    if (!peers.ok) return peers;
    const routes: Route[] = [];
    for (const text of forwarding.routes) {
      const route = compileRoute(text);
      if (!route.ok) return route;
      routes.push(route.value);
    }
    const own: IpAddress[] = [];
    for (const text of [forwarding.ownIpv4, forwarding.ownIpv6]) {
      if (text === null) continue;
      const address = parseAddress(text);
      if (!address.ok) return failed('ENGINE_INVALID_ARGUMENT', `no address: ${text}`);
      own.push(address.value);
    }
    const { role } = forwarding;
    const access = forwarding.access ?? null;
    if (role === 'client' && access !== null)
      return failed('ENGINE_INVALID_ARGUMENT', "flows are judged at the proxy's end");
    const parts = { role, access, assigned: assigned.value, behind: behind.value, peers: peers.value };
    return { ok: true, value: new Routing({ ...parts, routes, own }) };
  }

  get usesIpv6(): boolean {
    return this.#prefixes().some(({ address }) => address.family === 6);
  }

  /** Length of the longest prefix that the address is in; null if it is in none. */
  owns(address: IpAddress): number | null {
    const lengths = this.#prefixes()
      .filter((prefix) => prefixContains(prefix, address))
      .map(({ length }) => length);
    return lengths.length === 0 ? null : Math.max(...lengths);
  }

  /** Within a prefix behind one session another may have a longer one. */
  get isShared(): boolean {
    return this.#behind.length > 0;
  }

  /** Whether a prefix is claimed by both, and lies behind one of them. */
  conflictsWith(other: Routing): boolean {
    if (this.role === 'client' || other.role === 'client') return false;
    const theirs = other.#prefixes().map(formatPrefix);
    const behind = other.#behind.map(formatPrefix);
    return (
      this.#behind.some((prefix) => theirs.includes(formatPrefix(prefix))) ||
      this.#assigned.some((prefix) => behind.includes(formatPrefix(prefix)))
    );
  }

  isOwn(address: IpAddress): boolean {
    return this.#own.some((own) => compareAddresses(own, address) === 0);
  }

  /** Whether the address is another client's, or could be (CIP-1016). */
  isPeer(address: IpAddress): boolean {
    return !this.isOwn(address) && this.#peers.some((prefix) => prefixContains(prefix, address));
  }

  /** Null if the destination may be reached with this protocol; or the source, for a packet that comes back. */
  refusal(
    { source, destination, protocol }: PacketHeader,
    back = false,
  ): Extract<DropReason, 'noRoute' | 'protocolRefused'> | null {
    const address = back ? source : destination;
    const covering = this.#routes.filter(({ range }) => rangeContains(range, address));
    if (covering.length === 0) return 'noRoute';
    const permits = (route: Route): boolean =>
      route.protocol === 0 || route.protocol === protocol || icmp.has(protocol);
    return covering.some(permits) ? null : 'protocolRefused';
  }

  #prefixes(): readonly Prefix[] {
    return [...this.#assigned, ...this.#behind];
  }
}

function compileRoute({ start, end, protocol }: RouteRange): EngineResult<Route> {
  const first = parseAddress(start);
  const last = parseAddress(end);
  if (!first.ok || !last.ok) return failed('ENGINE_INVALID_ARGUMENT', `no route: ${start}-${end}`);
  const range = addressRange(first.value, last.value);
  if (!range.ok) return failed('ENGINE_INVALID_ARGUMENT', range.error.message);
  if (!Number.isInteger(protocol) || protocol < 0 || protocol > 255)
    return failed('ENGINE_INVALID_ARGUMENT', `no protocol: ${protocol}`);
  return { ok: true, value: { range: range.value, protocol } };
}

function compilePrefixes(texts: readonly string[]): EngineResult<readonly Prefix[]> {
  const prefixes: Prefix[] = [];
  for (const text of texts) {
    const prefix = parsePrefix(text);
    if (!prefix.ok) return failed('ENGINE_INVALID_ARGUMENT', prefix.error.message);
    prefixes.push(prefix.value);
  }
  return { ok: true, value: prefixes };
}
