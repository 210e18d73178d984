import type { Gauges } from '../metrics/gauges.js';

const ipv4 = { total: 253, used: 3, quarantined: 1, available: 250 };
const ipv6 = { total: 65_535, used: 2, quarantined: 0, available: 65_533 };

/** What a server in order reads at a scrape; a test changes what it is about. */
export function stubGauges(changed: Partial<Gauges> = {}): Gauges {
  return {
    pools: () => ({ ipv4, ipv6 }),
    tunActive: () => true,
    storeAvailable: () => true,
    clients: () => ({ enabled: 5, disabled: 1 }),
    certificates: () => ({ authority: 4_000_000_000_000, client: 2_000_000_000_000 }),
    process: () => ({ userSeconds: 3, systemSeconds: 1, residentBytes: 90_000_000, heapBytes: 20_000_000 }),
    ...changed,
  };
}
