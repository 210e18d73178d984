import { contract } from '../metrics/contract.js';
import type { Registry } from '../metrics/registry.js';
import { meanOf, quantileOf, type Histogram } from './histogram.js';

/** How busy the server was within the last minute; null: nothing happened, or not known yet. */
export interface Load {
  /** Mean time of database statements, waiting included. */
  readonly store: { readonly readMs: number | null; readonly writeMs: number | null };
  /** How late timers were. */
  readonly eventLoop: { readonly medianMs: number | null; readonly p99Ms: number | null };
  /** Share of the time in which the threads that move packets worked, 0–1. */
  readonly workersBusy: number | null;
}

/** A minute, as many samples apart. */
const mostSamples = 12;

/** Values of the registry at one time. */
interface Sample {
  readonly eventLoop: Float64Array;
  readonly store: Float64Array;
  readonly busySeconds: number;
  readonly waitSeconds: number;
}

/** What the metrics, which only ever grow, have grown by lately. */
export class RecentLoad {
  readonly #registry: Pick<Registry, 'family'>;
  readonly #samples: Sample[];

  constructor(registry: Pick<Registry, 'family'>) {
    this.#registry = registry;
    this.#samples = [this.#take()];
  }

  /** Every five seconds, after the engine was read. */
  sample(): void {
    this.#samples.push(this.#take());
    if (this.#samples.length > mostSamples) this.#samples.shift();
  }

  read(): Load {
    const now = this.#take();
    const before = this.#samples[0] ?? now;
    const storeBounds = contract.storeLatency.buckets;
    const width = storeBounds.length + 2;
    const family = this.#registry.family('storeLatency');
    const storeOf = (operation: 'read' | 'write'): Histogram => {
      const start = family.cell(operation) * width;
      return grown(storeBounds, before.store, now.store, start);
    };
    const eventLoop = grown(contract.eventLoopLag.buckets, before.eventLoop, now.eventLoop, 0);
    const busy = now.busySeconds - before.busySeconds;
    const all = busy + now.waitSeconds - before.waitSeconds;
    return {
      store: { readMs: meanOf(storeOf('read')), writeMs: meanOf(storeOf('write')) },
      eventLoop: { medianMs: quantileOf(eventLoop, 0.5), p99Ms: quantileOf(eventLoop, 0.99) },
      workersBusy: all > 0 ? Math.min(1, Math.max(0, busy / all)) : null,
    };
  }

  #take(): Sample {
    return {
      eventLoop: this.#registry.family('eventLoopLag').capture(1),
      store: this.#registry.family('storeLatency').capture(1),
      busySeconds: this.#registry.family('workerBusy').get(),
      waitSeconds: this.#registry.family('workerWait').get(),
    };
  }
}

/** A cell of a histogram family, less what it held before. */
function grown(bounds: readonly number[], before: Float64Array, now: Float64Array, start: number): Histogram {
  const at = (index: number): number => (now[start + index] ?? 0) - (before[start + index] ?? 0);
  const bins = Array.from({ length: bounds.length + 1 }, (_, bin) => at(bin));
  return { bounds, bins, sum: at(bounds.length + 1) };
}
