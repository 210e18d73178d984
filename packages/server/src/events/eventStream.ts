import { Readable } from 'node:stream';
import type { Clock, Timer } from '../process/clock.js';
import type { LiveFeed } from './feed.js';
import type { LiveEvent, Topic } from './liveEvent.js';

export interface EventStreamOptions {
  readonly feed: LiveFeed;
  readonly clock: Clock;
  readonly topics: readonly Topic[];
  readonly accepts: (event: LiveEvent) => boolean;
  /** `RUN-NUMBER` of the last event that was seen; null: from now on. */
  readonly lastEventId: string | null;
  readonly run: string;
}

/** Bytes that may wait for a slow listener. */
const mostWaitingBytes = 512 * 1_024;

/** A comment this often keeps the connection from being taken for dead. */
const heartbeatMs = 15_000;

/** Then the listener comes back by itself and is authorised anew. */
const longestLifeMs = 15 * 60_000;

/**
 * Events as `text/event-stream` (HTML Living Standard §9.2): first `ready`, or `resync` for a listener that missed
 * more than is remembered; then one event per event, named after its topic, with an id to resume from. A listener that
 * does not keep up is sent `resync` and cut off.
 */
export class EventStream extends Readable {
  readonly #options: EventStreamOptions;
  readonly #timers = new Set<Timer>();
  #subscription: Disposable | null = null;
  #left = false;

  constructor(options: EventStreamOptions) {
    super({ highWaterMark: 64 * 1_024 });
    this.#options = options;
    const { feed, topics } = options;
    this.#greet();
    this.#subscription = feed.subscribe(topics, (event) => this.#tell(event));
    this.#after(longestLifeMs, () => this.#end());
    const beat = (): void => {
      this.#send(': \n\n');
      this.#after(heartbeatMs, beat);
    };
    this.#after(heartbeatMs, beat);
  }

  override _read(): void {
    // Events come when they come.
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#leave();
    callback(error);
  }

  #greet(): void {
    const { feed, topics, lastEventId, run } = this.#options;
    const [, lastRun, number] = /^([0-9a-f]{1,32})-(\d{1,15})$/.exec(lastEventId ?? '') ?? [];
    const missed = lastRun === run ? feed.since(topics, Number(number)) : null;
    // A listener that has seen nothing has missed nothing.
    const complete = lastEventId === null || missed?.complete === true;
    this.#send('retry: 2000\n');
    this.#send(this.#format(complete ? 'ready' : 'resync', feed.latest, {}));
    if (complete) for (const event of missed?.events ?? []) this.#tell(event);
  }

  #tell(event: LiveEvent): void {
    if (this.#left || !this.#options.accepts(event)) return;
    const { number, topic, type, atMs, clientId, sessionId, data } = event;
    this.#send(this.#format(topic, number, { type, atMs, clientId, sessionId, data }));
    if (this.readableLength <= mostWaitingBytes) return;
    this.#send(this.#format('resync', number, {}));
    this.#end();
  }

  #format(name: string, number: number, data: unknown): string {
    // JSON has no line breaks of its own.
    return `id: ${this.#options.run}-${number}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
  }

  #send(text: string): void {
    if (!this.#left) this.push(text);
  }

  #end(): void {
    if (this.#left) return;
    this.#leave();
    this.push(null);
  }

  #leave(): void {
    this.#left = true;
    this.#subscription?.[Symbol.dispose]();
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  #after(delayMs: number, task: () => void): void {
    const timer = this.#options.clock.after(delayMs, () => {
      this.#timers.delete(timer);
      task();
    });
    this.#timers.add(timer);
  }
}
