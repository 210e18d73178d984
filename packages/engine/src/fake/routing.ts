import {
  compareAddresses,
  addressRange,
  parseAddress,
  parsePrefix,
  prefixContains,
  rangeContains,
  type IpAddress,
  type Prefix,
  type Route,
} from '@masque-vpn/protocol';
import type { EngineResult, Forwarding, RouteRange } from '../engine.js';
import { failed } from './failure.js';
import type { DropReason } from '../snapshot.js';
import type { PacketHeader } from './packet.js';

/** ICMP passes whatever protocol a route names (RFC 9484 §4.7.3). */
const icmp = new Set([1, 58]);

/** Forwarding state in a form that packets can be asked against. */
export class Routing {
  readonly role: Forwarding['role'];
  readonly #assigned: readonly Prefix[];
  readonly #routes: readonly Route[];
  readonly #peers: readonly Prefix[];
  readonly #own: readonly IpAddress[];

  private constructor(parts: {
    readonly role: Forwarding['role'];
    readonly assigned: readonly Prefix[];
    readonly routes: readonly Route[];
    readonly peers: readonly Prefix[];
    readonly own: readonly IpAddress[];
  }) {
    this.role = parts.role;
    this.#assigned = parts.assigned;
    this.#routes = parts.routes;
    this.#peers = parts.peers;
    this.#own = parts.own;
  }

  /** Fails with ENGINE_INVALID_ARGUMENT. */
  static compile(forwarding: Forwarding): EngineResult<Routing> {
    const assigned = compilePrefixes(forwarding.assigned);
    if (!assigned.ok) return assigned;
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
    return {
      ok: true,
      value: new Routing({ role, assigned: assigned.value, routes, peers: peers.value, own }),
    };
  }

  get usesIpv6(): boolean {
    return this.#assigned.some(({ address }) => address.family === 6);
  }

  owns(address: IpAddress): boolean {
    return this.#assigned.some((prefix) => prefixContains(prefix, address));
  }

  /** Whether the address is another client's, or could be (CIP-1016). */
  isPeer(address: IpAddress): boolean {
    if (this.#own.some((own) => compareAddresses(own, address) === 0)) return false;
    return this.#peers.some((prefix) => prefixContains(prefix, address));
  }

  /** Null if the destination may be reached with this protocol. */
  refusal({
    destination,
    protocol,
  }: PacketHeader): Extract<DropReason, 'noRoute' | 'protocolRefused'> | null {
    const covering = this.#routes.filter(({ range }) => rangeContains(range, destination));
    if (covering.length === 0) return 'noRoute';
    const permits = (route: Route): boolean =>
      route.protocol === 0 || route.protocol === protocol || icmp.has(protocol);
    return covering.some(permits) ? null : 'protocolRefused';
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
