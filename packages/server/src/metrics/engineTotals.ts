import {
  dropReasons,
  processingBounds,
  totalColumns,
  type Snapshot,
  type TotalColumn,
} from '@masque-vpn/engine';
import { contract, type ErrorType } from './contract.js';
import { dropClassOf, dropsThatAreErrors } from './drops.js';
import { engineErrors } from './errors.js';
import type { Registry } from './registry.js';

/** Feeds the metrics that come from the engine's totals: drops, processing time, errors, refused requests. */
export class EngineTotals {
  readonly #registry: Registry;
  #seen = new Float64Array(totalColumns.length);

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** Credits what has grown since the last call. */
  read(snapshot: Snapshot): void {
    const { totals } = snapshot;
    const seen = this.#seen;
    const growth = (column: TotalColumn): number => {
      const index = totalColumns.indexOf(column);
      return Math.max(0, (totals[index] ?? 0) - (seen[index] ?? 0));
    };
    this.#drops(growth);
    this.#processing('inbound', growth);
    this.#processing('outbound', growth);
    for (const [column, type] of Object.entries(engineErrors) as [TotalColumn, ErrorType][]) {
      this.#error(type, growth(column));
    }
    const requests = this.#registry.family('requests');
    requests.add(
      growth('requestsMalformed') + growth('requestsOverflowed'),
      requests.cell('CONNECT', 'failed'),
    );
    this.#seen = totals.slice();
  }

  #drops(growth: (column: TotalColumn) => number): void {
    const drops = this.#registry.family('packetDrops');
    for (const reason of dropReasons) {
      const count = growth(`inboundDrops.${reason}`) + growth(`outboundDrops.${reason}`);
      drops.add(count, drops.cell(dropClassOf[reason]));
      if (dropsThatAreErrors.includes(reason)) this.#error('packet', count);
    }
  }

  #error(type: ErrorType, count: number): void {
    const errors = this.#registry.family('errors');
    errors.add(count, errors.cell(type));
  }

  /** The engine's fine histogram in the reference's buckets: each of its bounds lies in exactly one of them. */
  #processing(direction: 'inbound' | 'outbound', growth: (column: TotalColumn) => number): void {
    const family = this.#registry.family('packetProcessingDuration');
    const cell = family.cell(direction);
    const { buckets } = contract.packetProcessingDuration;
    for (const bound of processingBounds) {
      const bin = buckets.findIndex((bucket) => bound <= bucket);
      family.addBin(bin, growth(`${direction}Processing<=${bound}s`), cell);
    }
    family.addBin(buckets.length, growth(`${direction}Processing>1s`), cell);
    family.addSum(growth(`${direction}ProcessingSecondsTotal`), cell);
  }
}
