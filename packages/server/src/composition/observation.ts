import { RecentLoad } from '../load/recentLoad.js';
import type { Metrics } from '../metrics/metrics.js';
import type { Clock } from '../process/clock.js';
import type { Upkeep } from '../process/upkeep.js';
import { Throughput } from '../throughput/throughput.js';

/** What is kept in memory about the last minutes and hours. */
export interface Observation {
  readonly throughput: Throughput;
  readonly load: RecentLoad;
}

const second = 1_000;

export function composeObservation(metrics: Metrics, clock: Clock): Observation {
  return {
    throughput: new Throughput({ metrics, clock }),
    load: new RecentLoad(metrics.registry),
  };
}

/** Looks again and again, as long as the server runs. */
export function observe({ throughput, load }: Observation, upkeep: Upkeep): void {
  upkeep.every(second, 'throughput', () => throughput.sample());
  upkeep.every(5 * second, 'load', () => load.sample());
}
