import type { Clock } from '../process/clock.js';
import type { Metrics } from './metrics.js';

/**
 * Answers scrapes. A rendering is never older than its scrape, yet at most one is made per `intervalMs`:
 * scrapes that come sooner wait for the next one and share it.
 */
export class Scraper {
  readonly #metrics: Metrics;
  readonly #clock: Clock;
  readonly #intervalMs: number;
  #lastAt = Number.NEGATIVE_INFINITY;
  #waiting: Promise<string> | null = null;

  constructor(metrics: Metrics, clock: Clock, intervalMs: number) {
    this.#metrics = metrics;
    this.#clock = clock;
    this.#intervalMs = intervalMs;
  }

  /** The exposition, text format 0.0.4. */
  scrape(): Promise<string> {
    if (this.#waiting !== null) return this.#waiting;
    const waitMs = this.#lastAt + this.#intervalMs - this.#clock.monotonic();
    if (waitMs <= 0) return Promise.resolve(this.#render());
    this.#waiting = new Promise((resolve, reject) => {
      this.#clock.after(waitMs, () => {
        this.#waiting = null;
        try {
          resolve(this.#render());
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
    return this.#waiting;
  }

  #render(): string {
    this.#lastAt = this.#clock.monotonic();
    this.#metrics.read();
    return this.#metrics.registry.render();
  }
}
