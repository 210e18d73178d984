import type { Family } from './family.js';
import type { NftTable } from './nft/table.js';

/** The routing table every host has. */
export const mainTable = 254;

/**
 * Everything one owner wants of the operating system, as data.
 * A plan says what should be, never what to do: {@link HostNetwork.apply} finds the difference.
 */
export interface HostPlan {
  /** An existing interface, normally the TUN the engine opened; null touches none. */
  readonly link: LinkPlan | null;
  readonly routes: readonly RoutePlan[];
  readonly rules: readonly RulePlan[];
  /** The owner's one nftables table, replaced atomically; null wants none. */
  readonly nft: NftTable | null;
  /** Written in this order, restored in the opposite one. */
  readonly sysctls: readonly SysctlPlan[];
}

/** A plan that wants nothing. */
export const emptyPlan: HostPlan = { link: null, routes: [], rules: [], nft: null, sysctls: [] };

/** The interface is set up, without an IPv6 link-local address of the kernel's choice (CIP-1017). */
export interface LinkPlan {
  /** Interface name, 1–15 bytes. */
  readonly name: string;
  /** Bytes of the largest packet; below 1280 the kernel refuses IPv6 addresses (RFC 8200 §5). */
  readonly mtu: number;
  /** Address and prefix length, `10.89.0.1/16`, `2001:db8::1/64`; IPv6 without duplicate address detection. */
  readonly addresses: readonly string[];
}

interface RouteTarget {
  /** Host bits are zero: `0.0.0.0/0`, `2001:db8::/32`. */
  readonly prefix: string;
  /** Routing table, {@link mainTable} or one of the owner's. */
  readonly table: number;
  /** Absent: the kernel's default. */
  readonly metric?: number;
}

/** One route. `throw` ends the lookup in this table as if it had no route: the next rule decides. */
export type RoutePlan =
  | (RouteTarget & { readonly type: 'unicast'; readonly dev: string; readonly via?: string })
  | (RouteTarget & { readonly type: 'unreachable' | 'blackhole' | 'throw' });

/** One routing policy rule; all conditions must hold. */
export interface RulePlan {
  readonly family: Family;
  readonly priority: number;
  /** The packet's mark equals (`is`) or differs from (`not`) `mark`; absent: any. */
  readonly fwmark?: { readonly match: 'is' | 'not'; readonly mark: number };
  /** The table to look up. */
  readonly table: number;
  /** Ignore routes whose prefix is this short or shorter: 0 ignores default routes. */
  readonly suppressPrefixLength?: number;
}

/** One kernel parameter; restored only if it was changed and still has our value. */
export interface SysctlPlan {
  /** Path below `/proc/sys`, with slashes because interface names may hold dots: `net/ipv4/conf/eth0/forwarding`. */
  readonly key: string;
  readonly value: string;
  /** Change it only when it has one of these values now; absent: always. */
  readonly onlyFrom?: readonly string[];
  /** A kernel without this parameter is no error. */
  readonly optional?: boolean;
  /** Being refused the change is no error: containers often have `/proc/sys` read-only. */
  readonly mayBeRefused?: boolean;
}
