import type { LiveEvent } from './liveEvent.js';

/** The last events of one topic, in order. */
export class LiveRing {
  readonly #capacity: number;
  readonly #events: LiveEvent[] = [];
  /** Where the oldest is, once the ring is full. */
  #start = 0;
  /** Number of the last event that is not remembered any more; 0: all are. */
  #forgotten = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(event: LiveEvent): void {
    if (this.#events.length < this.#capacity) {
      this.#events.push(event);
      return;
    }
    this.#forgotten = this.#events[this.#start]?.number ?? this.#forgotten;
    this.#events[this.#start] = event;
    this.#start = (this.#start + 1) % this.#capacity;
  }

  /** Events after `number`, and whether none of them was forgotten. */
  since(number: number): { readonly events: readonly LiveEvent[]; readonly complete: boolean } {
    const inOrder = [...this.#events.slice(this.#start), ...this.#events.slice(0, this.#start)];
    return {
      events: inOrder.filter((event) => event.number > number),
      complete: number >= this.#forgotten,
    };
  }
}
