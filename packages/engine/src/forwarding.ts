/** An inclusive address range with one IP protocol; 0 is all protocols (RFC 9484 §4.7.3). */
export interface RouteRange {
  readonly start: string;
  readonly end: string;
  readonly protocol: number;
}

/** What a session's traffic is judged by. */
export interface Access {
  /** A rule set; must have been set. If it is dropped, everything is denied until it is set again. */
  readonly rules: number;
  /** What other sessions' rules know this one by. */
  readonly labels: readonly number[];
  /** Meters that each packet has to pass, all of them; must have been set. One that is dropped lets everything pass. */
  readonly meters: { readonly fromPeer: readonly number[]; readonly toPeer: readonly number[] };
}

/** What the engine needs to forward for one session; applied as one. */
export interface Forwarding {
  /**
   * `proxy`: the peer sends from `assigned` and may reach `routes`.
   * `client`: we send from `assigned` and may reach `routes` through the peer.
   */
  readonly role: 'proxy' | 'client';
  /** Prefixes, `10.0.0.2/32`, `2001:db8::2/128`; host bits are zero. */
  readonly assigned: readonly string[];
  readonly routes: readonly RouteRange[];
  /**
   * `proxy`: prefixes in which other clients live. The session reaches nothing there but our own tunnel
   * addresses, whether somebody has the address or not (CIP-1016).
   */
  readonly peers: readonly string[];
  /**
   * Prefixes behind the tunnel's client end, site to site: as `assigned`, but one that another session has is
   * refused with ENGINE_INVALID_ARGUMENT. Of nested prefixes the longest gets the packet. Default: none.
   */
  readonly behind?: readonly string[];
  /**
   * `proxy`: judges each flow, and lets sessions reach each other where the rules of both say so, by label.
   * Null or absent: no judging, and no session reaches another.
   */
  readonly access?: Access | null;
  /** Own tunnel addresses: the source of ICMP errors (CIP-1106). Null where the family is not used. */
  readonly ownIpv4: string | null;
  readonly ownIpv6: string | null;
}
