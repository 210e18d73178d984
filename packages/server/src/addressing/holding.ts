import { formatAddress, type IpAddress } from '@masque-vpn/protocol';
import type { LeaseRecord } from '../store/leases.js';
import type { Lease } from './lease.js';

/** Who has an address, or had it last. */
export interface Holding {
  readonly address: IpAddress;
  readonly clientUuid: string;
  readonly instance: string;
  tenure: Tenure;
}

export type Tenure =
  | { readonly state: 'leased'; readonly lease: Lease; readonly since: number }
  /** Nobody but the previous holder gets it before `until` (CIP-1306). */
  | { readonly state: 'quarantined'; readonly releasedAt: number; readonly until: number }
  /** Anybody's, but kept for the previous holder as long as there are fresh ones. */
  | { readonly state: 'free'; readonly releasedAt: number };

/** When it was last in use; the larger, the better a sticky choice. UTC milliseconds. */
export function lastUsedAt(holding: Holding): number {
  return holding.tenure.state === 'leased' ? holding.tenure.since : holding.tenure.releasedAt;
}

/** The holding as it is stored. */
export function toRecord(holding: Holding): LeaseRecord {
  const { tenure } = holding;
  return {
    family: holding.address.family,
    address: formatAddress(holding.address),
    clientUuid: holding.clientUuid,
    instance: holding.instance,
    lastUsedAt: lastUsedAt(holding),
    releasedAt: tenure.state === 'leased' ? null : tenure.releasedAt,
    quarantinedUntil: tenure.state === 'quarantined' ? tenure.until : null,
  };
}

/** Holdings by client and by client and instance. */
export class HoldingIndex {
  readonly #byClient = new Map<string, Map<string, Set<Holding>>>();

  add(holding: Holding): void {
    const instances = this.#byClient.get(holding.clientUuid) ?? new Map<string, Set<Holding>>();
    const holdings = instances.get(holding.instance) ?? new Set<Holding>();
    holdings.add(holding);
    instances.set(holding.instance, holdings);
    this.#byClient.set(holding.clientUuid, instances);
  }

  delete(holding: Holding): void {
    const instances = this.#byClient.get(holding.clientUuid);
    const holdings = instances?.get(holding.instance);
    holdings?.delete(holding);
    if (holdings?.size === 0) instances?.delete(holding.instance);
    if (instances?.size === 0) this.#byClient.delete(holding.clientUuid);
  }

  /** Everything this client has or had last, in no order. */
  ofClient(clientUuid: string): readonly Holding[] {
    const instances = this.#byClient.get(clientUuid);
    return instances === undefined ? [] : [...instances.values()].flatMap((holdings) => [...holdings]);
  }

  /** The most recently used holding of this client and instance that is not leased. */
  sticky(clientUuid: string, instance: string): Holding | null {
    let best: Holding | null = null;
    for (const holding of this.#byClient.get(clientUuid)?.get(instance) ?? []) {
      if (holding.tenure.state === 'leased') continue;
      if (best === null || lastUsedAt(holding) > lastUsedAt(best)) best = holding;
    }
    return best;
  }

  /** Some quarantined holding of this client, whatever the instance. */
  quarantined(clientUuid: string): Holding | null {
    for (const holdings of this.#byClient.get(clientUuid)?.values() ?? []) {
      for (const holding of holdings) if (holding.tenure.state === 'quarantined') return holding;
    }
    return null;
  }
}
