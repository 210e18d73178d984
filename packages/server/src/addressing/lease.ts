import type { IpAddress } from '@masque-vpn/protocol';
import type { StoreError } from '../store/storeError.js';

export type Family = 4 | 6;

/** One address held by one session; an object identity, valid until released. */
export interface Lease {
  readonly family: Family;
  readonly address: IpAddress;
  readonly clientUuid: string;
  /** Empty when the client sent no instance id. */
  readonly instance: string;
}

export interface LeaseRequest {
  readonly clientUuid: string;
  /** Instance id of the client's software; empty when it sent none. */
  readonly instance: string;
  /** One address of each; all or nothing. */
  readonly families: readonly Family[];
  /** Addresses the client asked for (CIP-712): granted if free and nobody else's last. */
  readonly preferred?: readonly IpAddress[];
  /** UTC milliseconds. */
  readonly now: number;
}

export type LeaseOutcome =
  /** In the order of `families`; stored, so that a restart remembers them. */
  | { readonly ok: true; readonly leases: readonly Lease[] }
  /** `exhausted`: every address is leased or in quarantine. `noPool`: the family has none. */
  | { readonly ok: false; readonly reason: 'exhausted' | 'noPool'; readonly family: Family }
  /** The leases could not be stored. */
  | { readonly ok: false; readonly reason: 'store'; readonly error: StoreError };

/** Addresses of one family for clients; beyond 2^53 `total` and `available` are rounded. */
export interface FamilyUsage {
  /** Usable by clients: no network, broadcast or gateway address. */
  readonly total: number;
  /** Leased or in quarantine. */
  readonly used: number;
  readonly quarantined: number;
  readonly available: number;
}
