/** What decides whether a client gets a tunnel, and what it reaches by it. Times are UTC milliseconds. */
export interface ConnectionFacts {
  readonly nowMs: number;
  readonly client: { readonly enabled: boolean; readonly expiresAtMs: number | null };
  readonly certificates: readonly {
    readonly notBeforeMs: number;
    readonly notAfterMs: number;
    readonly revokedAtMs: number | null;
  }[];
  /** Whether it may come with a token instead of a certificate. */
  readonly hasToken: boolean;
  /** Its newest enrolment link that was neither redeemed nor revoked; null: there is none. */
  readonly link: { readonly expiresAtMs: number } | null;
  /** Null: the tunnel interface is up. */
  readonly tunProblem: { readonly code: string; readonly message: string } | null;
  readonly storeAvailable: boolean;
  /** Of all clients on this server. */
  readonly serverSessions: { readonly open: number; readonly most: number };
  /** Of this client, on every server on the database. */
  readonly ownSessions: { readonly open: number; readonly most: number };
  /** Null: it has none. */
  readonly quota: { readonly usedBytes: number; readonly limitBytes: number } | null;
  /** Families of which no address is left for it. */
  readonly exhausted: readonly (4 | 6)[];
  /** Addresses that are kept for it and somebody else has, or had a moment ago. */
  readonly resting: readonly string[];
  /** The latest refused requests, the newest first. */
  readonly refusals: readonly {
    readonly code: string;
    readonly atMs: number;
    readonly remoteAddress: string;
  }[];
  /** Start of its last session; null: it never had one. */
  readonly lastConnectedAtMs: number | null;
  /** Whether some rule lets it open a flow to somewhere. */
  readonly isAllowedSomething: boolean;
  /** The latest refused flows that it opened, the newest first. */
  readonly refusedFlows: readonly {
    readonly remoteAddress: string;
    readonly protocol: number;
    readonly port: number | null;
    readonly count: number;
    readonly lastAtMs: number;
  }[];
}
