import type { Pools } from '../addressing/pools.js';
import type { ClientDirectory } from '../clients/directory.js';
import type { Gauges, ProcessFigures } from '../metrics/gauges.js';
import type { Authorities } from '../pki/authorities.js';
import type { Clock } from '../process/clock.js';
import type { Store } from '../store/store.js';

export interface GaugeParts {
  readonly pools: Pools;
  readonly store: Pick<Store, 'available'>;
  readonly directory: ClientDirectory;
  readonly authorities: Pick<Authorities, 'issuing'>;
  readonly clock: Clock;
  readonly tunActive: () => boolean;
}

/** What a scrape reads of the server's parts. */
export function metricGauges({ pools, store, directory, authorities, clock, tunActive }: GaugeParts): Gauges {
  return {
    pools: () => {
      pools.expire(Math.trunc(clock.now()));
      return pools.usage();
    },
    tunActive,
    storeAvailable: () => store.available,
    clients: () => {
      const { total, enabled } = directory.counts();
      return { enabled, disabled: total - enabled };
    },
    certificates: () => ({
      authority: authorities.issuing.notAfter,
      client: directory.soonestExpiry(clock.now()),
    }),
    process: processFigures,
  };
}

function processFigures(): ProcessFigures {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return { userSeconds: user / 1e6, systemSeconds: system / 1e6, residentBytes: rss, heapBytes: heapUsed };
}
