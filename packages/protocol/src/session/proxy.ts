import {
  type AssignedAddress,
  encodeAddressAssign,
  refuseAddress,
  type RequestedAddress,
} from '../addressCapsule.js';
import type { Capsule } from '../capsule.js';
import { decodeControlCapsule } from '../controlCapsule.js';
import { DEFAULT_LIMITS, type SessionLimits } from '../limits.js';
import { type Prefix, prefixesEqual } from '../prefix.js';
import { normalizeRoutes, type Route, routesEqual } from '../route.js';
import { encodeRouteAdvertisement } from '../routeCapsule.js';
import type { SessionAbort } from './abort.js';
import { RequestIds } from './requestIds.js';

/** What the proxy forwards for a session from now on. */
export interface ProxyForwarding {
  readonly assigned: readonly Prefix[];
  /** Normalised: exactly what is advertised (CIP-807). */
  readonly routes: readonly Route[];
}

/** What to do after one input, in this order: apply `forwarding`, send `capsules`, carry out `abort`. */
export interface ProxyStep {
  /** Complete and new; null if unchanged. */
  readonly forwarding: ProxyForwarding | null;
  readonly capsules: readonly Capsule[];
  /** The session is over: reset the stream with `httpErrorCode`. Nothing else is set then. */
  readonly abort: SessionAbort | null;
}

export interface ProxySessionOptions {
  /** Assigned unprompted right after the 200 (CIP-714). */
  readonly assigned: readonly Prefix[];
  /** Already restricted to the scope (`restrictRoutes`). */
  readonly routes: readonly Route[];
  /**
   * Decides on a request that no assigned address of its family can answer: a new prefix of that family,
   * or null to refuse (CIP-706, CIP-712). What it returns is assigned to this session until it ends.
   * Without it every such request is refused.
   */
  readonly grant?: (request: RequestedAddress) => Prefix | null;
  readonly limits?: SessionLimits;
}

const NOTHING: ProxyStep = { forwarding: null, capsules: [], abort: null };

/** The proxy's side of one tunnel, from the 200 to its end. No I/O: each input returns what to do. */
export class ProxySession {
  readonly #grant: (request: RequestedAddress) => Prefix | null;
  readonly #limits: SessionLimits;
  readonly #requestIds: RequestIds;
  #assigned: readonly AssignedAddress[];
  #routes: readonly Route[];
  #phase: 'open' | 'withdrawn' | 'aborted' = 'open';

  constructor(options: ProxySessionOptions) {
    this.#grant = options.grant ?? (() => null);
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.#requestIds = new RequestIds(this.#limits.requestIds);
    this.#assigned = relabel([], options.assigned);
    this.#routes = normalizeRoutes(options.routes);
  }

  /** What is in force now. */
  get forwarding(): ProxyForwarding {
    return { assigned: this.#assigned.map((entry) => entry.prefix), routes: this.#routes };
  }

  /** What goes with the 200 (CIP-714): pass both to the engine's `accept`. IPv4 stands first (B-25). */
  open(): { readonly forwarding: ProxyForwarding; readonly capsules: readonly Capsule[] } {
    const assign = this.#assigned.length === 0 ? [] : [encodeAddressAssign(this.#assigned)];
    return { forwarding: this.forwarding, capsules: [...assign, encodeRouteAdvertisement(this.#routes)] };
  }

  /** Capsules of the client, in order. Its own assignments and routes are validated and ignored (CIP-717). */
  receive(capsules: readonly Capsule[]): ProxyStep {
    if (this.#phase === 'aborted') return NOTHING;
    const before = this.#assigned.length;
    const answers: Capsule[] = [];
    for (const capsule of capsules) {
      const decoded = decodeControlCapsule(capsule, this.#limits);
      if (!decoded.ok) return this.#abort(decoded.error);
      if (decoded.value.kind !== 'addressRequest') continue;
      const reuse = this.#requestIds.record(decoded.value.requests);
      if (reuse !== null) return this.#abort(reuse);
      answers.push(this.#answer(decoded.value.requests));
    }
    const isUnchanged = this.#assigned.length === before;
    return { forwarding: isUnchanged ? null : this.forwarding, capsules: answers, abort: null };
  }

  /** Replaces the routes (CIP-804); does nothing if they are the same. */
  updateRoutes(routes: readonly Route[]): ProxyStep {
    const normalized = normalizeRoutes(routes);
    if (this.#phase !== 'open' || routesEqual(normalized, this.#routes)) return NOTHING;
    this.#routes = normalized;
    return { forwarding: this.forwarding, capsules: [encodeRouteAdvertisement(normalized)], abort: null };
  }

  /** Replaces the assigned addresses (CIP-704); those that stay keep their request id. Does nothing if they are the same. */
  updateAddresses(assigned: readonly Prefix[]): ProxyStep {
    const entries = relabel(this.#assigned, assigned);
    if (this.#phase !== 'open' || isSameList(entries, this.#assigned)) return NOTHING;
    this.#assigned = entries;
    return { forwarding: this.forwarding, capsules: [encodeAddressAssign(entries)], abort: null };
  }

  /** Withdraws all addresses and routes before an orderly end (CIP-1304); requests are refused from now on. */
  withdraw(): ProxyStep {
    if (this.#phase !== 'open') return NOTHING;
    this.#phase = 'withdrawn';
    this.#assigned = [];
    this.#routes = [];
    const capsules = [encodeAddressAssign([]), encodeRouteAdvertisement([])];
    return { forwarding: this.forwarding, capsules, abort: null };
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
    if (this.#phase !== 'open' || this.#assigned.length >= this.#limits.assignedAddresses) return null;
    const granted = this.#grant(request);
    if (granted !== null && granted.address.family !== request.prefix.address.family) {
      throw new RangeError('grant returned a prefix of the other family');
    }
    return granted;
  }

  #abort(error: SessionAbort): ProxyStep {
    this.#phase = 'aborted';
    return { forwarding: null, capsules: [], abort: error };
  }
}

/** Whether an address can answer a request: same family, and not yet the answer to another entry of the same capsule. */
function isFree(entry: AssignedAddress, request: RequestedAddress, labelled: ReadonlySet<bigint>): boolean {
  return entry.prefix.address.family === request.prefix.address.family && !labelled.has(entry.requestId);
}

/** Entries for prefixes, sorted with IPv4 first, each once; known ones keep their id, new ones are unprompted (id 0). */
function relabel(known: readonly AssignedAddress[], prefixes: readonly Prefix[]): AssignedAddress[] {
  const entries: AssignedAddress[] = [];
  for (const prefix of prefixes.toSorted((a, b) => a.address.family - b.address.family)) {
    if (entries.some((entry) => prefixesEqual(entry.prefix, prefix))) continue;
    entries.push(known.find((entry) => prefixesEqual(entry.prefix, prefix)) ?? { requestId: 0n, prefix });
  }
  return entries;
}

function isSameList(a: readonly AssignedAddress[], b: readonly AssignedAddress[]): boolean {
  return (
    a.length === b.length && a.every((entry) => b.some((other) => prefixesEqual(entry.prefix, other.prefix)))
  );
}
