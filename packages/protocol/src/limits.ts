/** Bounds on what a peer can make one session hold (CIP-608, CIP-710, CIP-1604). */
export interface SessionLimits {
  /** Addresses assigned to one tunnel; refusals do not count. */
  readonly assignedAddresses: number;
  /** Ranges in one ROUTE_ADVERTISEMENT. */
  readonly routeRanges: number;
  /** Configurations, nameservers, addresses and domains in one DNS_ASSIGN, all together. */
  readonly dnsEntries: number;
  /** Request ids remembered per tunnel to notice reuse. */
  readonly requestIds: number;
  /** Bytes of value of one control capsule. */
  readonly capsuleBytes: number;
}

/** The checklist's defaults. */
export const DEFAULT_LIMITS: SessionLimits = {
  assignedAddresses: 16,
  routeRanges: 1024,
  dnsEntries: 256,
  requestIds: 64,
  capsuleBytes: 65_536,
};
