import type { IpFamily } from '../address.js';
import {
  type AssignedAddress,
  encodeAddressAssign,
  encodeAddressRequest,
  isRefusal,
  refuseAddress,
} from '../addressCapsule.js';
import type { Capsule } from '../capsule.js';
import { type ControlCapsule, decodeControlCapsule } from '../controlCapsule.js';
import type { DnsConfiguration } from '../dns.js';
import { dnsEqual } from '../dnsCapsule.js';
import { HttpError } from '../httpError.js';
import { DEFAULT_LIMITS, type SessionLimits } from '../limits.js';
import { type Prefix, prefixesEqual } from '../prefix.js';
import { prefixRange } from '../range.js';
import { normalizeRoutes, type Route, routesEqual } from '../route.js';
import { encodeRouteAdvertisement } from '../routeCapsule.js';
import type { SessionAbort, SessionErrorCode } from './abort.js';
import {
  applyRoutePolicy,
  type ClientPolicy,
  DEFAULT_CLIENT_POLICY,
  type IgnoredReason,
  ignoredReason,
  routeTable,
} from './clientPolicy.js';
import { RequestIds } from './requestIds.js';

/** What is in force, complete each time: host and engine are brought to exactly this (CIP-704, CIP-804). */
export interface ClientTunnel {
  /** Addresses to configure and to send from, after policy. */
  readonly addresses: readonly Prefix[];
  /** Advertised routes after policy, for the engine. */
  readonly routes: readonly Route[];
  /** The same destinations for the OS route table, families without an address left out. */
  readonly prefixes: readonly Prefix[];
}

/** Something to tell people; the session goes on. */
export type ClientNotice =
  | { readonly kind: 'addressIgnored'; readonly prefix: Prefix; readonly reason: IgnoredReason }
  | { readonly kind: 'addressRefused'; readonly family: IpFamily };

/** What to do after one input, in this order: send `capsules`, apply `tunnel` and `dns`, show `notices`, carry out `abort`. */
export interface ClientStep {
  readonly capsules: readonly Capsule[];
  /** Null if unchanged. */
  readonly tunnel: ClientTunnel | null;
  /** What the proxy says about DNS, complete (CIP-1701); null if unchanged. */
  readonly dns: readonly DnsConfiguration[] | null;
  readonly notices: readonly ClientNotice[];
  /** The session is over: undo the tunnel, reset the stream with `httpErrorCode`. */
  readonly abort: SessionAbort | null;
}

/** `connecting` until the 2xx; `up` while at least one address is installed. */
export type ClientSessionState = 'connecting' | 'awaitingAddresses' | 'up' | 'closed';

export interface ClientSessionOptions {
  /** What to ask for if nothing is assigned unprompted, one entry per address; any /32 and any /128. */
  readonly request?: readonly Prefix[];
  /** Networks behind us that we offer the proxy (CIP-717); default: none, and then nothing is said about it. */
  readonly advertise?: readonly Prefix[];
  readonly policy?: Partial<ClientPolicy>;
  readonly limits?: SessionLimits;
  /** How long to wait for an unprompted assignment before asking (CIP-713); 500. */
  readonly requestAfterMs?: number;
  /** How long to wait for addresses at all; 5,000. */
  readonly addressTimeoutMs?: number;
}

const ANY_HOST: readonly Prefix[] = [
  { address: { family: 4, value: 0n }, length: 32 },
  { address: { family: 6, value: 0n }, length: 128 },
];

const NOTHING: ClientStep = { capsules: [], tunnel: null, dns: null, notices: [], abort: null };

/** The client's side of one tunnel. No I/O and no clock: `nowMs` is integer milliseconds of one monotonic clock. */
export class ClientSession {
  readonly #wanted: readonly Prefix[];
  readonly #advertised: readonly Route[];
  readonly #policy: ClientPolicy;
  readonly #limits: SessionLimits;
  readonly #requestAfterMs: number;
  readonly #addressTimeoutMs: number;
  readonly #peerRequestIds: RequestIds;
  #state: ClientSessionState = 'connecting';
  /** Set while addresses are awaited. */
  #deadlines: { readonly requestAt: number | null; readonly timeoutAt: number } | null = null;
  /** Our unanswered requests. */
  readonly #pending = new Map<bigint, IpFamily>();
  #nextRequestId = 1n;
  #addresses: readonly Prefix[] = [];
  #ignored: readonly Prefix[] = [];
  #routes: readonly Route[] = [];
  #dns: readonly DnsConfiguration[] = [];

  constructor(options: ClientSessionOptions = {}) {
    this.#wanted = options.request ?? ANY_HOST;
    this.#advertised = normalizeRoutes(
      (options.advertise ?? []).map((prefix) => ({ range: prefixRange(prefix), protocol: 0 })),
    );
    this.#policy = { ...DEFAULT_CLIENT_POLICY, ...options.policy };
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.#requestAfterMs = options.requestAfterMs ?? 500;
    this.#addressTimeoutMs = options.addressTimeoutMs ?? 5000;
    this.#peerRequestIds = new RequestIds(this.#limits.requestIds);
  }

  get state(): ClientSessionState {
    return this.#state;
  }

  /** When to call `handleTimeout` next; null if nothing is awaited. Read it after every input. */
  get deadlineMs(): number | null {
    return this.#deadlines === null ? null : (this.#deadlines.requestAt ?? this.#deadlines.timeoutAt);
  }

  /** The 2xx arrived: addresses are awaited from now on. Returns what to send at once. */
  opened(nowMs: number): readonly Capsule[] {
    if (this.#state !== 'connecting') return [];
    this.#await(nowMs);
    return this.#advertised.length === 0 ? [] : [encodeRouteAdvertisement(this.#advertised)];
  }

  /** Capsules of the proxy, in order; ignored before `opened` and after the end. */
  receive(capsules: readonly Capsule[], nowMs: number): ClientStep {
    const answers: Capsule[] = [];
    const notices: ClientNotice[] = [];
    const before = { addresses: this.#addresses, routes: this.#routes, dns: this.#dns };
    if (this.#state === 'connecting' || this.#state === 'closed') return NOTHING;
    for (const capsule of capsules) {
      const decoded = decodeControlCapsule(capsule, this.#limits);
      const abort = decoded.ok ? this.#apply(decoded.value, { answers, notices, nowMs }) : decoded.error;
      if (abort !== null) return this.#end(abort, notices);
    }
    const isUnchanged =
      samePrefixes(before.addresses, this.#addresses) && routesEqual(before.routes, this.#routes);
    const dns = dnsEqual(before.dns, this.#dns) ? null : this.#dns;
    const step = { capsules: answers, dns, notices, abort: null };
    if (isUnchanged) return { ...step, tunnel: null };
    const prefixes = routeTable(this.#routes, this.#addresses, this.#policy);
    if (prefixes === null) return this.#end(TOO_FINE, notices);
    return { ...step, tunnel: { addresses: this.#addresses, routes: this.#routes, prefixes } };
  }

  /** Time has passed; does nothing before `deadlineMs`. Asks for addresses, or gives up (CIP-713). */
  handleTimeout(nowMs: number): ClientStep {
    const deadlines = this.#deadlines;
    if (deadlines === null || nowMs < (this.deadlineMs ?? Infinity)) return NOTHING;
    if (nowMs >= deadlines.timeoutAt) {
      const message = `the proxy assigned no address within ${this.#addressTimeoutMs} ms`;
      return this.#end(sessionAbort('SESSION_ADDRESS_TIMEOUT', 'CIP-713', message), []);
    }
    this.#deadlines = { ...deadlines, requestAt: null };
    const requests = this.#wanted.map((prefix) => ({ requestId: this.#nextRequestId++, prefix }));
    for (const { requestId, prefix } of requests) this.#pending.set(requestId, prefix.address.family);
    return requests.length === 0 ? NOTHING : { ...NOTHING, capsules: [encodeAddressRequest(requests)] };
  }

  /** The stream is over, whoever ended it: every later input does nothing. */
  close(): void {
    this.#state = 'closed';
    this.#deadlines = null;
  }

  #apply(capsule: ControlCapsule, out: Output): SessionAbort | null {
    switch (capsule.kind) {
      case 'addressAssign':
        return this.#assign(capsule.addresses, out);
      case 'addressRequest': {
        // Nothing of ours is for the proxy to use; every entry gets its answer all the same (CIP-706).
        out.answers.push(encodeAddressAssign(capsule.requests.map(refuseAddress)));
        return this.#peerRequestIds.record(capsule.requests);
      }
      case 'routeAdvertisement':
        this.#routes = applyRoutePolicy(capsule.routes, this.#policy);
        return null;
      case 'dnsAssign':
        this.#dns = capsule.configurations;
        return null;
      case 'other':
        return null;
    }
  }

  /** Takes the complete list of assigned addresses (CIP-704). */
  #assign(entries: readonly AssignedAddress[], out: Output): SessionAbort | null {
    const addresses: Prefix[] = [];
    const ignored: Prefix[] = [];
    for (const { requestId, prefix } of entries) {
      const asked = this.#pending.get(requestId);
      this.#pending.delete(requestId);
      if (isRefusal(prefix)) {
        if (asked !== undefined) out.notices.push({ kind: 'addressRefused', family: asked });
        continue;
      }
      const reason = ignoredReason(prefix, this.#policy);
      const list = reason === null ? addresses : ignored;
      if (!includes(list, prefix)) list.push(prefix);
      // The same list comes again with every change: say it once.
      if (reason !== null && !includes(this.#ignored, prefix)) {
        out.notices.push({ kind: 'addressIgnored', prefix, reason });
      }
    }
    this.#addresses = addresses;
    this.#ignored = ignored;
    return this.#afterAssign(out.nowMs);
  }

  #afterAssign(nowMs: number): SessionAbort | null {
    if (this.#addresses.length > 0) {
      this.#state = 'up';
      this.#deadlines = null;
      return null;
    }
    if (this.#state === 'up') this.#await(nowMs);
    const isAnswered = this.#deadlines?.requestAt === null && this.#pending.size === 0;
    if (!isAnswered) return null;
    return sessionAbort('SESSION_ADDRESS_REFUSED', 'CIP-708', 'the proxy gave no address that can be used');
  }

  #await(nowMs: number): void {
    this.#state = 'awaitingAddresses';
    this.#deadlines = { requestAt: nowMs + this.#requestAfterMs, timeoutAt: nowMs + this.#addressTimeoutMs };
  }

  #end(abort: SessionAbort, notices: readonly ClientNotice[]): ClientStep {
    this.close();
    return { ...NOTHING, notices, abort };
  }
}

interface Output {
  readonly answers: Capsule[];
  readonly notices: ClientNotice[];
  readonly nowMs: number;
}

const TOO_FINE: SessionAbort = {
  code: 'SESSION_ROUTES_TOO_FINE',
  rule: 'CIP-806',
  httpErrorCode: HttpError.excessiveLoad,
  message: 'the advertised routes need more entries than the route table may get',
};

function sessionAbort(code: SessionErrorCode, rule: string, message: string): SessionAbort {
  return { code, rule, httpErrorCode: HttpError.requestCancelled, message };
}

function includes(list: readonly Prefix[], prefix: Prefix): boolean {
  return list.some((own) => prefixesEqual(own, prefix));
}

function samePrefixes(a: readonly Prefix[], b: readonly Prefix[]): boolean {
  return a.length === b.length && a.every((prefix) => includes(b, prefix));
}
