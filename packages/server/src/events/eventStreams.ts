import { randomBytes } from 'node:crypto';
import { fail, ok, type Result } from '@masque-vpn/protocol';
import type { Clock } from '../process/clock.js';
import { EventStream } from './eventStream.js';
import type { LiveFeed } from './feed.js';
import type { LiveEvent, Topic } from './liveEvent.js';

/** Streams that one actor, and all of them, may have open. */
const perActor = 16;
const inAll = 128;

/** Something that is worth doing only while somebody listens. */
export interface TopicSource {
  readonly topic: Topic;
  start(): Disposable;
}

export interface EventStreamsOptions {
  readonly feed: LiveFeed;
  readonly clock: Clock;
  readonly sources: readonly TopicSource[];
}

export interface EventStreamRequest {
  readonly topics: readonly Topic[];
  readonly accepts: (event: LiveEvent) => boolean;
  /** Last-Event-ID; null: from now on. */
  readonly lastEventId: string | null;
  /** Who listens: `administrator alice`. */
  readonly actor: string;
}

/** The streams of events that are open, and what they need to be fed. */
export class EventStreams implements Disposable {
  readonly #options: EventStreamsOptions;
  /** Tells numbers of this run from those of another. */
  readonly #run = randomBytes(6).toString('hex');
  readonly #open = new Map<EventStream, string>();
  readonly #running = new Map<TopicSource, Disposable>();

  constructor(options: EventStreamsOptions) {
    this.#options = options;
  }

  /** Opens a stream of `text/event-stream`. Code: API_TOO_MANY_STREAMS. */
  open(
    request: EventStreamRequest,
  ): Result<EventStream, { code: 'API_TOO_MANY_STREAMS'; message: string; retryAfterSeconds: number }> {
    const own = [...this.#open.values()].filter((actor) => actor === request.actor).length;
    if (own >= perActor || this.#open.size >= inAll) {
      const message = `at most ${own >= perActor ? perActor : inAll} streams of events at a time`;
      return fail({ code: 'API_TOO_MANY_STREAMS', message, retryAfterSeconds: 10 });
    }
    const { feed, clock } = this.#options;
    const stream = new EventStream({ ...request, feed, clock, run: this.#run });
    this.#open.set(stream, request.actor);
    stream.once('close', () => {
      this.#open.delete(stream);
      this.#feedOnDemand();
    });
    this.#feedOnDemand();
    return ok(stream);
  }

  get size(): number {
    return this.#open.size;
  }

  /** Ends all of them. */
  [Symbol.dispose](): void {
    for (const stream of this.#open.keys()) stream.destroy();
  }

  #feedOnDemand(): void {
    for (const source of this.#options.sources) {
      const running = this.#running.get(source);
      const heard = this.#options.feed.heard(source.topic);
      if (heard && running === undefined) this.#running.set(source, source.start());
      if (heard || running === undefined) continue;
      running[Symbol.dispose]();
      this.#running.delete(source);
    }
  }
}
