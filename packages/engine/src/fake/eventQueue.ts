import type { EngineEvent } from '../engine.js';

/** Most events in one call of `onEvents`. */
const batchSize = 256;

/** Collects events and hands them out in batches, in order, from a microtask: never inside a command. */
export class EventQueue {
  readonly #limit: number;
  readonly #onEvents: (events: readonly EngineEvent[]) => void;
  #waiting: EngineEvent[] = [];
  #scheduled = false;
  #closed = false;

  /** `limit` bounds what new requests may fill; events of existing sessions are always taken. */
  constructor(limit: number, onEvents: (events: readonly EngineEvent[]) => void) {
    this.#limit = limit;
    this.#onEvents = onEvents;
  }

  /** False: a new request has to be refused with 503. */
  get hasRoom(): boolean {
    return this.#waiting.length < this.#limit;
  }

  get idle(): boolean {
    return this.#waiting.length === 0;
  }

  push(event: EngineEvent): void {
    if (this.#closed) return;
    this.#waiting.push(event);
    this.#schedule();
  }

  /** Forgets what waits; nothing is delivered from now on. */
  close(): void {
    this.#closed = true;
    this.#waiting = [];
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      const batch = this.#waiting.splice(0, batchSize);
      if (this.#waiting.length > 0) this.#schedule();
      if (batch.length > 0) this.#onEvents(batch);
    });
  }
}
