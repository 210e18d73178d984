/** The last holder of one address. */
export interface LeaseRecord {
  readonly family: 4 | 6;
  /** Canonical text (RFC 5952), the key together with `family`. */
  readonly address: string;
  readonly clientUuid: string;
  /** Instance id of the client's software; empty when it sent none. */
  readonly instance: string;
  /** UTC milliseconds, as those below. */
  readonly lastUsedAt: number;
  /** Null while leased. */
  readonly releasedAt: number | null;
  readonly quarantinedUntil: number | null;
}

export interface LeaseKey {
  readonly family: 4 | 6;
  readonly address: string;
}

export interface LeaseRepository {
  /** Every lease whose client still exists, least recently used first; the others are deleted. */
  load(): Promise<readonly LeaseRecord[]>;
  /** One transaction. */
  apply(change: {
    readonly put: readonly LeaseRecord[];
    readonly remove: readonly LeaseKey[];
  }): Promise<void>;
  /** What a client holds or held last, most recent first. */
  listByClient(clientUuid: string): Promise<readonly LeaseRecord[]>;
}
