import {
  type AssignedAddress,
  encodeAddressAssign,
  isRefusal,
  refuseAddress,
  type RequestedAddress,
} from '../addressCapsule.js';
import { type Capsule, CapsuleType } from '../capsule.js';
import { type ControlCapsule, decodeControlCapsule } from '../controlCapsule.js';
import type { DnsConfiguration } from '../dns.js';
import { dnsEqual, encodeDnsAssign } from '../dnsCapsule.js';
import { exactly } from '../exactly.js';
import { HttpError } from '../httpError.js';
import { DEFAULT_LIMITS, type SessionLimits } from '../limits.js';
import { type Prefix, prefixesEqual } from '../prefix.js';
import { prefixRange } from '../range.js';
import { intersectRoutes, normalizeRoutes, type Route, routesEqual, routesToPrefixes } from '../route.js';
import { encodeRouteAdvertisement } from '../routeCapsule.js';
import type { SessionAbort } from './abort.js';
import { RequestIds } from './requestIds.js';

/** What the proxy forwards for a session from now on. */
export interface ProxyForwarding {
  readonly assigned: readonly Prefix[];
  /** Normalised: exactly what is advertised (CIP-807). */
  readonly routes: readonly Route[];
  /** What the client advertised, within what it was granted (CIP-717): networks behind it, fewest prefixes. */
  readonly behind: readonly Prefix[];
}

/** What the client says about its own side, complete each time; nothing of it is in force by itself (CIP-717). */
export interface ClientOffer {
  /** Its newest ROUTE_ADVERTISEMENT: networks it can reach for us. */
  readonly routes: readonly Route[];
  /** Its newest ADDRESS_ASSIGN, refusals left out: addresses it would have us use. */
  readonly addresses: readonly Prefix[];
}

/** What to do after one input, in this order: apply `forwarding`, send `capsules`, carry out `abort`. */
export interface ProxyStep {
  /** Complete and new; null if unchanged. */
  readonly forwarding: ProxyForwarding | null;
  readonly capsules: readonly Capsule[];
  /** What the client offers now; null if unchanged. For people and for decisions: `forwarding` has what counts. */
  readonly offer: ClientOffer | null;
  /** The session is over: reset the stream with `httpErrorCode`. Nothing else is set then. */
  readonly abort: SessionAbort | null;
}

export interface ProxySessionOptions {
  /** Assigned unprompted right after the 200 (CIP-714). */
  readonly assigned: readonly Prefix[];
  /** Already restricted to the scope (`restrictRoutes`). */
  readonly routes: readonly Route[];
  /** What the client is told about DNS (CIP-1701); default: nothing, and then nothing is said about it. */
  readonly dns?: readonly DnsConfiguration[];
  /** The most that may be behind this client, whatever it advertises (CIP-717); default: nothing. */
  readonly behind?: readonly Prefix[];
  /**
   * Decides on a request that no assigned address of its family can answer: a new prefix of that family,
   * or null to refuse (CIP-706, CIP-712). What it returns is assigned to this session until it ends.
   * Without it every such request is refused.
   */
  readonly grant?: (request: RequestedAddress) => Prefix | null;
  readonly limits?: SessionLimits;
}

/** Prefixes behind one client: more would make it a way to fill the engine's table. */
const MOST_BEHIND = 1024;

const NOTHING: ProxyStep = { forwarding: null, capsules: [], offer: null, abort: null };
const NO_OFFER: ClientOffer = { routes: [], addresses: [] };

/** The proxy's side of one tunnel, from the 200 to its end. No I/O: each input returns what to do. */
export class ProxySession {
  readonly #grant: (request: RequestedAddress) => Prefix | null;
  readonly #limits: SessionLimits;
  readonly #requestIds: RequestIds;
  #assigned: readonly AssignedAddress[];
  #routes: readonly Route[];
  #dns: readonly DnsConfiguration[];
  #mayBeBehind: readonly Prefix[];
  #offer: ClientOffer = NO_OFFER;
  #behind: readonly Prefix[] = [];
  #isAborted = false;

  constructor(options: ProxySessionOptions) {
    this.#grant = options.grant ?? (() => null);
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.#requestIds = new RequestIds(this.#limits.requestIds);
    this.#assigned = relabel([], options.assigned);
    this.#routes = normalizeRoutes(options.routes);
    this.#dns = options.dns ?? [];
    this.#mayBeBehind = options.behind ?? [];
  }

  /** What is in force now. */
  get forwarding(): ProxyForwarding {
    return {
      assigned: this.#assigned.map((entry) => entry.prefix),
      routes: this.#routes,
      behind: this.#behind,
    };
  }

  /** What the client offers now. */
  get offer(): ClientOffer {
    return this.#offer;
  }

  /** What goes with the 200 (CIP-714): pass both to the engine's `accept`. IPv4 stands first (B-25). */
  open(): { readonly forwarding: ProxyForwarding; readonly capsules: readonly Capsule[] } {
    const assign = this.#assigned.length === 0 ? [] : [encodeAddressAssign(this.#assigned)];
    const dns = this.#dns.length === 0 ? [] : [encodeDnsAssign(this.#dns)];
    const capsules = [...assign, encodeRouteAdvertisement(this.#routes), ...dns];
    return { forwarding: this.forwarding, capsules };
  }

  /** Capsules of the client, in order. Of its own routes only what was granted comes into force (CIP-717). */
  receive(capsules: readonly Capsule[]): ProxyStep {
    if (this.#isAborted) return NOTHING;
    const before = { assigned: this.#assigned.length, offer: this.#offer };
    const answers: Capsule[] = [];
    for (const capsule of capsules) {
      // No client is trusted to say what this host resolves names by: not even looked at (CIP-1701).
      if (capsule.type === CapsuleType.dnsAssign) continue;
      const decoded = decodeControlCapsule(capsule, this.#limits);
      const abort = decoded.ok ? this.#apply(decoded.value, answers) : decoded.error;
      if (abort !== null) return this.#abort(abort);
    }
    const offer = this.#offer === before.offer ? null : this.#offer;
    const behind = offer === null ? this.#behind : honoured(offer, this.#mayBeBehind);
    if (behind === null) return this.#abort(TOO_FINE);
    const isUnchanged = this.#assigned.length === before.assigned && isSameSet(behind, this.#behind);
    this.#behind = behind;
    return { forwarding: isUnchanged ? null : this.forwarding, capsules: answers, offer, abort: null };
  }

  /** Replaces the routes (CIP-804); does nothing if they are the same. */
  updateRoutes(routes: readonly Route[]): ProxyStep {
    const normalized = normalizeRoutes(routes);
    if (this.#isAborted || routesEqual(normalized, this.#routes)) return NOTHING;
    this.#routes = normalized;
    return { ...NOTHING, forwarding: this.forwarding, capsules: [encodeRouteAdvertisement(normalized)] };
  }

  /** Replaces the assigned addresses (CIP-704); those that stay keep their request id. Does nothing if they are the same. */
  updateAddresses(assigned: readonly Prefix[]): ProxyStep {
    const entries = relabel(this.#assigned, assigned);
    if (this.#isAborted || isSameList(entries, this.#assigned)) return NOTHING;
    this.#assigned = entries;
    return { ...NOTHING, forwarding: this.forwarding, capsules: [encodeAddressAssign(entries)] };
  }

  /** Replaces what the client is told about DNS (CIP-1701), after its routes; does nothing if it is the same. */
  updateDns(dns: readonly DnsConfiguration[]): ProxyStep {
    if (this.#isAborted || dnsEqual(dns, this.#dns)) return NOTHING;
    this.#dns = dns;
    return { ...NOTHING, capsules: [encodeDnsAssign(dns)] };
  }

  /** Replaces the grant for networks behind the client; what it advertised already counts within the new one. */
  updateBehind(granted: readonly Prefix[]): ProxyStep {
    if (this.#isAborted) return NOTHING;
    this.#mayBeBehind = granted;
    const behind = honoured(this.#offer, granted);
    if (behind === null) return this.#abort(TOO_FINE);
    if (isSameSet(behind, this.#behind)) return NOTHING;
    this.#behind = behind;
    return { ...NOTHING, forwarding: this.forwarding };
  }

  #apply(capsule: ControlCapsule, answers: Capsule[]): SessionAbort | null {
    switch (capsule.kind) {
      case 'addressRequest': {
        const reuse = this.#requestIds.record(capsule.requests);
        if (reuse === null) answers.push(this.#answer(capsule.requests));
        return reuse;
      }
      case 'routeAdvertisement':
        if (!routesEqual(capsule.routes, this.#offer.routes)) {
          this.#offer = { ...this.#offer, routes: capsule.routes };
        }
        return null;
      case 'addressAssign': {
        const addresses = capsule.addresses.map(({ prefix }) => prefix).filter((own) => !isRefusal(own));
        if (!isSameSet(addresses, this.#offer.addresses)) this.#offer = { ...this.#offer, addresses };
        return null;
      }
      case 'dnsAssign':
      case 'other':
        return null;
    }
  }

  /** The complete list, with the answers' ids, and the refusals this once (CIP-705 … CIP-707). */
  #answer(requests: readonly RequestedAddress[]): Capsule {
    const refusals: AssignedAddress[] = [];
    const labelled = new Set<bigint>();
    for (const request of requests) {
      const { requestId } = request;
      labelled.add(requestId);
      const standing = this.#assigned.find((entry) => isFree(entry, request, labelled));
      if (standing !== undefined) {
        // The same address under the new id: asking again never costs another address (CIP-714).
        this.#assigned = this.#assigned.map((entry) =>
          entry === standing ? { ...entry, requestId } : entry,
        );
        continue;
      }
      const granted = this.#grantOne(request);
      if (granted === null) refusals.push(refuseAddress(request));
      else this.#assigned = [...this.#assigned, { requestId, prefix: granted }];
    }
    return encodeAddressAssign([...this.#assigned, ...refusals]);
  }

  #grantOne(request: RequestedAddress): Prefix | null {
    if (this.#assigned.length >= this.#limits.assignedAddresses) return null;
    const granted = this.#grant(request);
    if (granted !== null && granted.address.family !== request.prefix.address.family) {
      throw new RangeError('grant returned a prefix of the other family');
    }
    return granted;
  }

  #abort(error: SessionAbort): ProxyStep {
    this.#isAborted = true;
    return { ...NOTHING, abort: error };
  }
}

const TOO_FINE: SessionAbort = {
  code: 'SESSION_ROUTES_TOO_FINE',
  rule: 'CIP-806',
  httpErrorCode: HttpError.excessiveLoad,
  message: `the networks behind the client need more than ${MOST_BEHIND} prefixes`,
};

/**
 * What comes into force of an offer; null if it is cut too fine. A route of one protocol only is none: a network is
 * behind the client with everything that is spoken there, or not at all.
 */
function honoured({ routes }: ClientOffer, granted: readonly Prefix[]): readonly Prefix[] | null {
  const whole = routes.filter(({ protocol }) => protocol === 0);
  return routesToPrefixes(intersectRoutes(whole, granted.map(prefixRange)), MOST_BEHIND);
}

/** Whether an address can answer a request: same family, and not yet the answer to another entry of the same capsule. */
function isFree(entry: AssignedAddress, request: RequestedAddress, labelled: ReadonlySet<bigint>): boolean {
  return entry.prefix.address.family === request.prefix.address.family && !labelled.has(entry.requestId);
}

/** Entries for prefixes, sorted with IPv4 first, each once; known ones keep their id, new ones are unprompted (id 0). */
function relabel(known: readonly AssignedAddress[], prefixes: readonly Prefix[]): readonly AssignedAddress[] {
  const entries: AssignedAddress[] = [];
  for (const prefix of prefixes.toSorted((a, b) => a.address.family - b.address.family)) {
    if (entries.some((entry) => prefixesEqual(entry.prefix, prefix))) continue;
    entries.push(known.find((entry) => prefixesEqual(entry.prefix, prefix)) ?? { requestId: 0n, prefix });
  }
  return exactly(entries);
}

function isSameList(a: readonly AssignedAddress[], b: readonly AssignedAddress[]): boolean {
  return isSameSet(
    a.map(({ prefix }) => prefix),
    b.map(({ prefix }) => prefix),
  );
}

/** Whether both have the same prefixes, in any order; neither has one twice. */
function isSameSet(a: readonly Prefix[], b: readonly Prefix[]): boolean {
  return a.length === b.length && a.every((prefix) => b.some((other) => prefixesEqual(prefix, other)));
}
