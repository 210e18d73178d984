import type { Capsule } from '../capsule.js';
import type { SessionLimits } from '../limits.js';
import type { RequestedAddress } from '../addressCapsule.js';
import type { Prefix } from '../prefix.js';
import type { Route } from '../route.js';
import type { SessionAbort } from './abort.js';

/** What the proxy forwards for a session from now on; goes to the engine before the capsules of the same step. */
export interface ProxyForwarding {
  readonly assigned: readonly Prefix[];
  /** Normalised: exactly what is advertised (CIP-807). */
  readonly routes: readonly Route[];
}

/** What to do after one input, in this order: apply `forwarding`, send `capsules`, carry out `abort`. */
export interface ProxyStep {
  /** Null: unchanged. */
  readonly forwarding: ProxyForwarding | null;
  readonly capsules: readonly Capsule[];
  /** The session is over; reset the stream with its code. */
  readonly abort: SessionAbort | null;
}

export interface ProxySessionOptions {
  /** Assigned unprompted right after the 200 (CIP-714). */
  readonly assigned: readonly Prefix[];
  /** Already restricted to the scope (`restrictRoutes`); normalised here. */
  readonly routes: readonly Route[];
  /**
   * Decides on a request for a family that has no assigned address yet, or for one more of the same family:
   * a prefix of that family, or null to refuse (CIP-706, CIP-712). Defaults to refusing.
   */
  readonly grant?: (request: RequestedAddress) => Prefix | null;
  readonly limits?: SessionLimits;
}

/** The proxy's side of one tunnel, from the 200 to its end. No I/O: each input returns what to do. */
export declare class ProxySession {
  constructor(options: ProxySessionOptions);
  /** What goes with the 200: forwarding, ADDRESS_ASSIGN, ROUTE_ADVERTISEMENT; pass to the engine's `accept`. */
  open(): { readonly forwarding: ProxyForwarding; readonly capsules: readonly Capsule[] };
  receive(capsules: readonly Capsule[]): ProxyStep;
  updateRoutes(routes: readonly Route[]): ProxyStep;
  updateAddresses(assigned: readonly Prefix[]): ProxyStep;
  withdraw(): ProxyStep;
}
