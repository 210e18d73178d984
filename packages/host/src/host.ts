import type { Family } from './family.js';
import type { HostPlan } from './plan.js';
import type { HostResult } from './result.js';

/** The operating system as a collaborator: real ({@link linuxHost}) or in memory (`@masque-vpn/host/fake`). */
export interface Host {
  /** What this process may do here, with reasons for what it may not. */
  capabilities(): Promise<HostCapabilities>;
  /** Interfaces, addresses and routes at this moment. */
  facts(): Promise<HostResult<HostFacts>>;
  /** Firewall chains of others that drop forwarded packets by policy; no table of ours can overrule them. */
  forwardFilters(): Promise<HostResult<readonly ForwardFilter[]>>;
  /** Every chain of every nftables table, whoever made it; named sets are not looked into. */
  firewall(): Promise<HostResult<readonly FirewallChain[]>>;
  /** Value of a kernel parameter (path below `/proc/sys`), null where the kernel has none. */
  readSysctl(key: string): Promise<string | null>;
  /** Forgets every tracked flow from or to `address` (CIP-1306). */
  forgetFlows(address: string): Promise<HostResult<void>>;
  /**
   * Starts an owned set of changes, after undoing what a dead owner left behind under the same journal.
   * HOST_BUSY when that owner is alive, HOST_JOURNAL_FAILED when the journal cannot be written.
   */
  openNetwork(options: HostNetworkOptions): Promise<HostResult<HostNetwork>>;
}

export interface HostNetworkOptions {
  /** File that remembers what was changed while changes are in place; its folder exists. */
  readonly journalPath: string;
}

/** One owner's changes of the host, applied and removed as one. Disposing removes them. */
export interface HostNetwork extends AsyncDisposable {
  /** What a dead owner left and `openNetwork` undid, one line each; empty after an orderly end. */
  readonly recovered: readonly string[];
  /**
   * Looks at the host already, while something else is waited for, so that the next `apply` need not. That uses it once,
   * for a plan with this link and table and while nothing of ours is in place; where it fails, it looks again.
   */
  lookAhead(wanted: LookAhead): void;
  /**
   * Makes the host match `plan`, changing only what differs from what is there now: interface that came back,
   * address removed by somebody else, table flushed. Idempotent. After a failure the plan before is in place.
   * Codes: HOST_PLAN_INVALID, HOST_TOOL_MISSING, HOST_LINK_MISSING, HOST_CONFLICT, HOST_PERMISSION_DENIED,
   * HOST_COMMAND_FAILED, HOST_COMMAND_TIMEOUT, HOST_SYSCTL_FAILED, HOST_JOURNAL_FAILED, HOST_CLOSED.
   */
  apply(plan: HostPlan): Promise<HostResult<void>>;
  /** Undoes everything, in the opposite order. What cannot be undone stays in the journal for the next start. */
  remove(): Promise<HostResult<void>>;
}

/** What a plan to come will have. */
export interface LookAhead {
  /** Name of its link. */
  readonly link: string;
  /** Name of its nftables table; null has none. */
  readonly nft: string | null;
}

/** Whether tunnels are possible at all. */
export interface HostCapabilities {
  /** CAP_NET_ADMIN is effective. */
  readonly netAdmin: boolean;
  /** `/dev/net/tun` exists and can be opened. */
  readonly tun: boolean;
  /** The kernel has IPv6. */
  readonly ipv6: boolean;
  /** One sentence for everything that is missing, with what to do. */
  readonly missing: readonly string[];
}

/** A snapshot of the host's network. */
export interface HostFacts {
  readonly interfaces: readonly InterfaceFact[];
  /** Routes of the main table. */
  readonly routes: readonly RouteFact[];
  /** Per family the default route of lowest metric and the source address it leads to. */
  readonly defaultRoutes: readonly DefaultRoute[];
}

export interface InterfaceFact {
  readonly name: string;
  readonly index: number;
  readonly up: boolean;
  readonly loopback: boolean;
  readonly mtu: number;
  readonly addresses: readonly AddressFact[];
}

export interface AddressFact {
  readonly family: Family;
  readonly address: string;
  readonly prefixLength: number;
  readonly scope: 'global' | 'link' | 'host';
  /** Has a lifetime: DHCP or router advertisement. */
  readonly dynamic: boolean;
}

export interface RouteFact {
  readonly family: Family;
  readonly prefix: string;
  /** Null for a route without one interface (unreachable, multipath). */
  readonly interface: string | null;
  readonly gateway: string | null;
  readonly metric: number;
  /** `kernel`, `ra`, `dhcp`, `static`, … */
  readonly protocol: string;
}

export interface DefaultRoute {
  readonly family: Family;
  readonly interface: string;
  readonly gateway: string | null;
  /** Source address of packets that leave by it; null when the interface has none. */
  readonly source: string | null;
  /** Learnt from a router advertisement: turning forwarding on would drop it (accept_ra). */
  readonly fromRouterAdvertisement: boolean;
}

/** A chain of somebody else on the forward hook whose policy is drop. */
export interface ForwardFilter {
  readonly family: 'ip' | 'ip6' | 'inet';
  readonly table: string;
  readonly chain: string;
  /** Docker's chain for the administrator's own rules exists. */
  readonly docker: boolean;
}

/** A chain of the firewall and its rules, in order. */
export interface FirewallChain {
  /** `ip`, `ip6`, `inet`, … */
  readonly family: string;
  readonly table: string;
  readonly name: string;
  /** Null: packets come here from other chains only. */
  readonly base: { readonly hook: string; readonly type: string; readonly drops: boolean } | null;
  readonly rules: readonly FirewallRule[];
}

export interface FirewallRule {
  /** All must hold. */
  readonly matches: readonly FirewallMatch[];
  /** Null: it decides nothing, or nothing that is known here. */
  readonly verdict: FirewallVerdict | null;
}

export interface FirewallMatch {
  /** `udp.dport`, `ip.saddr`, `meta.iifname`, `ct.state`; null: something that is not known here. */
  readonly key: string | null;
  readonly negated: boolean;
  /** One of them; a pair is a range; names may end with `*`. Empty: what is in a named set, which is not known here. */
  readonly values: readonly (string | number | readonly [number, number])[];
}

export type FirewallVerdict =
  | {
      readonly kind: 'accept' | 'drop' | 'reject' | 'return' | 'masquerade' | 'snat' | 'dnat' | 'redirect';
    }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string };
