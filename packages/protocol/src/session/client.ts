import type { Capsule } from '../capsule.js';
import type { IpFamily } from '../address.js';
import type { SessionLimits } from '../limits.js';
import type { Prefix } from '../prefix.js';
import type { AddressRange } from '../range.js';
import type { Route } from '../route.js';
import type { SessionAbort } from './abort.js';

/** What the client takes of what it is offered (CIP-716, CIP-808). */
export interface ClientPolicy {
  /** Advertised routes are cut down to these; null takes all. */
  readonly allow: readonly AddressRange[] | null;
  /** Kept out of the tunnel whatever is advertised. */
  readonly exclude: readonly AddressRange[];
  /** Wider assigned prefixes are not installed. */
  readonly shortestIpv4Prefix: number;
  readonly shortestIpv6Prefix: number;
  /** Prefixes for the OS route table; more abort the session (CIP-806). */
  readonly maxPrefixes: number;
}

/** What is in force, complete each time: the host and the engine are brought to exactly this (CIP-704, CIP-804). */
export interface ClientTunnel {
  /** Addresses to configure, after policy. */
  readonly addresses: readonly Prefix[];
  /** Advertised routes after policy, for the engine. */
  readonly routes: readonly Route[];
  /** The same destinations for the OS route table, families without an address left out. */
  readonly prefixes: readonly Prefix[];
}

/** Something to tell people; changes nothing else. */
export type ClientNotice =
  | { readonly code: 'ADDRESS_IGNORED'; readonly prefix: Prefix; readonly reason: string }
  | { readonly code: 'ADDRESS_REFUSED'; readonly family: IpFamily };

/** What to do after one input, in this order: send `capsules`, apply `tunnel`, show `notices`, carry out `abort`. */
export interface ClientStep {
  readonly capsules: readonly Capsule[];
  /** Null: unchanged. */
  readonly tunnel: ClientTunnel | null;
  readonly notices: readonly ClientNotice[];
  readonly abort: SessionAbort | null;
}

/** `connecting` until the 2xx; `up` while at least one address is installed. */
export type ClientSessionState = 'connecting' | 'awaitingAddresses' | 'up' | 'closed';

export interface ClientSessionOptions {
  /** What to ask for if nothing is assigned: one entry per address; defaults to any /32 and any /128. */
  readonly request?: readonly Prefix[];
  readonly policy?: Partial<ClientPolicy>;
  readonly limits?: SessionLimits;
  /** How long to wait for an unprompted assignment before asking (CIP-713); 500. */
  readonly requestAfterMs?: number;
  /** How long to wait for addresses at all; 5,000. */
  readonly addressTimeoutMs?: number;
}

/** The client's side of one tunnel. No I/O, no clock: `nowMs` is any monotonic integer milliseconds. */
export declare class ClientSession {
  constructor(options?: ClientSessionOptions);
  get state(): ClientSessionState;
  /** When to call `handleTimeout` next; null if never. */
  get deadlineMs(): number | null;
  /** The 2xx arrived. */
  opened(nowMs: number): ClientStep;
  receive(capsules: readonly Capsule[], nowMs: number): ClientStep;
  handleTimeout(nowMs: number): ClientStep;
  /** The stream is over, whoever ended it. */
  close(): ClientStep;
}
