import type { Clock, Timer } from '../process/clock.js';
import type { Registry } from './registry.js';

/** Often enough to meet a block of tens of milliseconds, seldom enough to cost nothing. */
const intervalMs = 20;

/** Measures how late a timer of the event loop is, again and again. */
export class LoopLag implements Disposable {
  readonly #registry: Registry;
  readonly #clock: Pick<Clock, 'monotonic' | 'after'>;
  #timer: Timer;

  /** `clock` must be the machine's for the figure to mean anything. */
  constructor(registry: Registry, clock: Pick<Clock, 'monotonic' | 'after'>) {
    this.#registry = registry;
    this.#clock = clock;
    this.#timer = this.#next();
  }

  [Symbol.dispose](): void {
    this.#timer.cancel();
  }

  #next(): Timer {
    const due = this.#clock.monotonic() + intervalMs;
    return this.#clock.after(intervalMs, () => {
      const lateMs = Math.max(0, this.#clock.monotonic() - due);
      this.#registry.family('eventLoopLag').observe(lateMs / 1000);
      this.#timer = this.#next();
    });
  }
}
