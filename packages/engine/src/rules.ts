import type { SessionId } from './ids.js';

/** Who sent a flow's first packet: the session's peer, or somebody else towards it. */
export type FlowOpener = 'byPeer' | 'towardsPeer';

/**
 * The other side of a flow. `any` and `prefixes` mean hosts outside and our own tunnel addresses, never
 * another session or a place where one could live; those are matched by the labels that they carry only.
 */
export type RemoteMatch =
  | { readonly kind: 'any' }
  | { readonly kind: 'prefixes'; readonly prefixes: readonly string[] }
  | { readonly kind: 'labels'; readonly labels: readonly number[] };

/** One line of a rule set; it speaks about the first packet of a flow, all others follow. */
export interface AccessRule {
  /** Named by flow samples; an integer from 0 to 2^32 − 1, as are labels. */
  readonly id: number;
  readonly action: 'allow' | 'deny';
  readonly opened: FlowOpener;
  /** `byPeer`: where to. `towardsPeer`: where from. */
  readonly remote: RemoteMatch;
  /** IP protocol number; 0 is all. ICMP is 1 on IPv4 and 58 on IPv6. */
  readonly protocol: number;
  /** Inclusive ranges of destination ports; empty is all, also of protocols without ports. */
  readonly ports: readonly (readonly [first: number, last: number])[];
}

/** The first rule that matches decides; a flow that none matches is denied. */
export interface RuleSet {
  readonly rules: readonly AccessRule[];
}

/** A token bucket of inner bytes; what exceeds it is dropped as `rateLimited`. */
export interface MeterOptions {
  /** 1 to 2^53 − 1. */
  readonly bytesPerSecond: number;
  /**
   * At least the largest packet, or that will never pass. TCP needs 250 ms of the rate and 256 kB, else it stays
   * below the rate, down to a tenth of it (measured; see docs/architecture.md).
   */
  readonly burstBytes: number;
}

/** A flow's first packet and what became of it. */
export interface FlowSample {
  readonly sessionId: SessionId;
  readonly verdict: 'allowed' | 'refused';
  /** The rule that decided; null if none matched. */
  readonly ruleId: number | null;
  readonly opened: FlowOpener;
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  /** Null where the protocol has no ports. */
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number;
}
