import type { HostResult } from '@masque-vpn/host';

/** SO_MARK of the tunnel's own packets and number of the client's routing table: "mq" in ASCII. */
export const clientMark = 0x6d71;
export const clientTable = 28017;
/** Specific routes of the host come first, then the tunnel's. */
export const clientRulePriorities = { main: 28016, tunnel: 28017 } as const;

/** What the tunnel is at this moment; prefixes are canonical text. */
export interface TunnelNetwork {
  /** Bytes of the largest inner packet (CIP-1202). */
  readonly mtu: number;
  /** Assigned prefixes, newest ADDRESS_ASSIGN (CIP-704). */
  readonly assigned: readonly string[];
  /** Advertised routes as prefixes, newest ROUTE_ADVERTISEMENT (CIP-804, CIP-806). */
  readonly routes: readonly string[];
  /** Addresses of the QUIC server, all that may be tried: they stay outside the tunnel (CIP-809). */
  readonly serverAddresses: readonly string[];
}

/** What a person allows, from the profile. */
export interface RoutePolicy {
  /** Only advertised routes inside one of these are used; null: all (CIP-808). */
  readonly allow: readonly string[] | null;
  /** Never routed into the tunnel (CIP-808). */
  readonly exclude: readonly string[];
  /** Wider assigned prefixes are refused (CIP-716). */
  readonly widestAssigned: { readonly ipv4: number; readonly ipv6: number };
}

/** What `apply` did with what the server said. */
export interface AppliedNetwork {
  /** Addresses on the TUN, with prefix length. */
  readonly addresses: readonly string[];
  /** Prefixes routed into the tunnel. */
  readonly routes: readonly string[];
  /** What was not used and why, one sentence each (CIP-716, CIP-808). */
  readonly refused: readonly string[];
}

/** The client's changes of the host. Disposing removes them. */
export interface ClientNetwork extends AsyncDisposable {
  /** What a crashed predecessor left and this one undid; empty after an orderly end. */
  readonly recovered: readonly string[];
  /** Makes the host match; call it again for every change of addresses, routes, MTU or server address. */
  apply(tunnel: TunnelNetwork): Promise<HostResult<AppliedNetwork>>;
  /** Leaves the host as it was; `apply` may follow (CIP-1305). */
  clear(): Promise<HostResult<void>>;
}
