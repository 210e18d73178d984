import type { Metrics } from '../metrics/metrics.js';
import type { Clock } from '../process/clock.js';
import { rangeOf, type ThroughputRange } from './ranges.js';
import { Ring, type Step } from './ring.js';

export interface ThroughputOptions {
  readonly metrics: Pick<Metrics, 'read' | 'activeConnections' | 'totalTraffic' | 'totalRefusals'>;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
}

/** Steps of equal length, the oldest first. */
export interface ThroughputSeries {
  readonly resolutionMs: number;
  /** Begin of the first step, UTC milliseconds. */
  readonly fromMs: number;
  readonly keptSinceMs: number;
  readonly steps: readonly Step[];
}

const second = 1_000;
const minute = 60 * second;

/** What all sessions moved lately, in memory: 15 minutes by the second, a day by the minute. */
export class Throughput {
  readonly #options: ThroughputOptions;
  readonly #startedMonotonic: number;
  readonly #keptSinceMs: number;
  readonly #rings: ReadonlyMap<number, Ring>;
  #before: Omit<Step, 'openSessions'>;
  /** The second that the last sample fell into. */
  #sampledSecond = 0;

  constructor(options: ThroughputOptions) {
    const { clock } = options;
    this.#options = options;
    this.#startedMonotonic = clock.monotonic();
    this.#keptSinceMs = Math.trunc(clock.now());
    this.#rings = new Map([
      // One more each, for the step that is not over yet.
      [second, new Ring(rangeOf['15m'].lengthMs / second + 1)],
      [minute, new Ring(rangeOf['24h'].lengthMs / minute + 1)],
    ]);
    this.#before = this.#counters();
  }

  /** Once a second; what a late call missed is shared out among the seconds it is about. */
  sample(): void {
    const now = this.#counters();
    const before = this.#before;
    const current = this.#stepNow(second);
    const first = Math.min(current, this.#sampledSecond + 1);
    const share = 1 / (current - first + 1);
    const step = {
      bytesSent: growth(before.bytesSent, now.bytesSent) * share,
      bytesReceived: growth(before.bytesReceived, now.bytesReceived) * share,
      openSessions: this.#options.metrics.activeConnections,
      refusals: 0,
    };
    for (let number = first; number <= current; number += 1) this.#add(number, step);
    this.#add(current, { ...noStep, refusals: growth(before.refusals, now.refusals) });
    this.#before = now;
    this.#sampledSecond = current;
  }

  /** The steps of a range that are over, since the server runs. */
  series(range: ThroughputRange): ThroughputSeries {
    const { lengthMs, resolutionMs } = rangeOf[range];
    const ring = this.#rings.get(resolutionMs);
    const sampledEnd = Math.floor(((this.#sampledSecond + 1) * second) / resolutionMs);
    const end = Math.min(this.#stepNow(resolutionMs), sampledEnd);
    const first = Math.max(0, end - lengthMs / resolutionMs);
    const steps: Step[] = [];
    for (let number = first; number < end; number += 1) steps.push(ring?.at(number) ?? noStep);
    const { clock } = this.#options;
    // By the clock of now: one that was set since does not tear the series.
    const startedMs = clock.now() - (clock.monotonic() - this.#startedMonotonic);
    return {
      resolutionMs,
      fromMs: Math.max(0, Math.round(startedMs + first * resolutionMs)),
      keptSinceMs: this.#keptSinceMs,
      steps,
    };
  }

  #add(secondNumber: number, step: Step): void {
    for (const [resolutionMs, ring] of this.#rings) {
      ring.add(Math.floor((secondNumber * second) / resolutionMs), step);
    }
  }

  #stepNow(resolutionMs: number): number {
    return Math.floor((this.#options.clock.monotonic() - this.#startedMonotonic) / resolutionMs);
  }

  #counters(): Omit<Step, 'openSessions'> {
    const { metrics } = this.#options;
    metrics.read();
    const { bytesSent, bytesReceived } = metrics.totalTraffic;
    return { bytesSent, bytesReceived, refusals: metrics.totalRefusals };
  }
}

const noStep: Step = { bytesSent: 0, bytesReceived: 0, openSessions: 0, refusals: 0 };

function growth(before: number, now: number): number {
  return Math.max(0, now - before);
}
