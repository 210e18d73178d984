import type { StoreObserver } from '../store/storeObserver.js';
import type { Registry } from './registry.js';

/** Feeds what the store says of its statements. */
export function storeTimes(registry: Registry): StoreObserver {
  const latency = registry.family('storeLatency');
  const cells = { read: latency.cell('read'), write: latency.cell('write') };
  return {
    answered: (operation, milliseconds) => latency.observe(milliseconds / 1000, cells[operation]),
    failed: () => registry.family('storeErrors').add(1),
  };
}
