import type { EngineEvent } from '../engine.js';

export type EventOf<Type extends EngineEvent['type']> = Extract<EngineEvent, { readonly type: Type }>;

interface Waiter {
  readonly accepts: (event: EngineEvent) => boolean;
  readonly resolve: (event: EngineEvent) => void;
}

/** All events of one engine, in order; a test takes them out one by one. */
export class EventLog {
  /** Everything that ever happened. */
  readonly all: EngineEvent[] = [];
  /** Largest number of nested calls of `onEvents`; 1 is right. */
  deepestCall = 0;
  #depth = 0;
  #untaken: EngineEvent[] = [];
  #waiters: Waiter[] = [];
  readonly #timeoutMs: number;

  constructor(timeoutMs = 5_000) {
    this.#timeoutMs = timeoutMs;
  }

  /** For `EngineOptions.onEvents`. */
  readonly onEvents = (events: readonly EngineEvent[]): void => {
    this.#depth += 1;
    this.deepestCall = Math.max(this.deepestCall, this.#depth);
    for (const event of events) this.#add(event);
    this.#depth -= 1;
  };

  /** Takes the oldest event of a type that `accepts` agrees to, waiting for it if need be. */
  async next<Type extends EngineEvent['type']>(
    type: Type,
    accepts: (event: EventOf<Type>) => boolean = () => true,
  ): Promise<EventOf<Type>> {
    const matches = (event: EngineEvent): event is EventOf<Type> =>
      event.type === type && accepts(event as EventOf<Type>);
    const index = this.#untaken.findIndex(matches);
    if (index !== -1) {
      const [found] = this.#untaken.splice(index, 1);
      if (found !== undefined && matches(found)) return found;
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        const seen = this.all.map((event) => event.type).join(', ');
        reject(new Error(`no ${type} within ${this.#timeoutMs} ms; seen: ${seen === '' ? 'nothing' : seen}`));
      }, this.#timeoutMs);
      const waiter: Waiter = {
        accepts: matches,
        resolve: (event) => {
          clearTimeout(timer);
          if (matches(event)) resolve(event);
        },
      };
      this.#waiters.push(waiter);
    });
  }

  #add(event: EngineEvent): void {
    this.all.push(event);
    const waiter = this.#waiters.find(({ accepts }) => accepts(event));
    if (waiter === undefined) {
      this.#untaken.push(event);
      return;
    }
    this.#waiters = this.#waiters.filter((other) => other !== waiter);
    waiter.resolve(event);
  }
}
