import type { EngineEvent } from '@masque-vpn/engine';
import type { Clock } from '../clock.js';

/** What a reader waited for came to be: an event, its deadline, or the wish to stop. */
export type Arrival =
  | { readonly kind: 'event'; readonly event: EngineEvent }
  | { readonly kind: 'deadline' }
  | { readonly kind: 'aborted' };

/** Events in order of arrival for one reader. Bounded by the engine, which bounds what one peer may cause. */
export class EventQueue {
  readonly #waiting: EngineEvent[] = [];
  #wake: (() => void) | null = null;

  push(event: EngineEvent): void {
    this.#waiting.push(event);
    this.#wake?.();
  }

  /**
   * The next event, unless `deadline` (of the monotonic clock; null for none) passes or `signal` aborts first.
   * A wish to stop comes before events that wait, events before a deadline that has passed.
   */
  async next(clock: Clock, deadline: number | null, signal: AbortSignal): Promise<Arrival> {
    for (;;) {
      if (signal.aborted) return { kind: 'aborted' };
      const event = this.#waiting.shift();
      if (event !== undefined) return { kind: 'event', event };
      if (deadline !== null && clock.monotonic() >= deadline) return { kind: 'deadline' };
      await this.#change(clock, deadline, signal);
    }
  }

  async #change(clock: Clock, deadline: number | null, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        timer?.[Symbol.dispose]();
        signal.removeEventListener('abort', done);
        this.#wake = null;
        resolve();
      };
      const timer = deadline === null ? null : clock.after(deadline - clock.monotonic(), done);
      this.#wake = done;
      signal.addEventListener('abort', done, { once: true });
    });
  }
}
