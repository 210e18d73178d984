import { topics, type LiveEvent, type LiveEventInput, type Topic } from './liveEvent.js';
import { LiveRing } from './liveRing.js';

/** Whoever has something to tell to listeners. */
export interface Publisher {
  /** Cheap, never fails, never waits. */
  publish(event: LiveEventInput): void;
}

/** What a listener that was away has missed. */
export interface Missed {
  /** Of the wanted topics, in order. */
  readonly events: readonly LiveEvent[];
  /** False: there was more than is remembered. */
  readonly complete: boolean;
}

/** Events remembered of each topic, for listeners that were away for a moment. */
const remembered: Readonly<Record<Topic, number>> = {
  sessions: 1_000,
  clients: 1_000,
  flows: 1_000,
  audit: 500,
  metrics: 120,
  logs: 1_000,
};

/** Hands what happens to whoever listens, and remembers a bounded part of it. */
export class LiveFeed implements Publisher {
  readonly #clock: { now(): number };
  readonly #rings = new Map<Topic, LiveRing>(topics.map((topic) => [topic, new LiveRing(remembered[topic])]));
  readonly #listeners = new Map<Topic, Set<(event: LiveEvent) => void>>(
    topics.map((topic) => [topic, new Set()]),
  );
  #number = 0;

  constructor(clock: { now(): number }) {
    this.#clock = clock;
  }

  publish({ topic, type, clientId, sessionId, data }: LiveEventInput): void {
    const event: LiveEvent = {
      number: (this.#number += 1),
      topic,
      type,
      atMs: Math.trunc(this.#clock.now()),
      clientId: clientId ?? null,
      sessionId: sessionId ?? null,
      data,
    };
    this.#rings.get(topic)?.add(event);
    for (const listener of this.#listeners.get(topic) ?? []) listener(event);
  }

  /** Calls `listener` with every event of these topics from now on; it must neither throw nor wait. */
  subscribe(wanted: readonly Topic[], listener: (event: LiveEvent) => void): Disposable {
    for (const topic of wanted) this.#listeners.get(topic)?.add(listener);
    return {
      [Symbol.dispose]: () => {
        for (const topic of wanted) this.#listeners.get(topic)?.delete(listener);
      },
    };
  }

  /** Whether anybody listens. */
  heard(topic: Topic): boolean {
    return (this.#listeners.get(topic)?.size ?? 0) > 0;
  }

  /** Number of the last event; 0: none yet. */
  get latest(): number {
    return this.#number;
  }

  /** What happened after event `number`. */
  since(wanted: readonly Topic[], number: number): Missed {
    const parts = wanted.flatMap((topic) => this.#rings.get(topic)?.since(number) ?? []);
    return {
      events: parts.flatMap(({ events }) => events).sort((a, b) => a.number - b.number),
      complete: number <= this.#number && parts.every(({ complete }) => complete),
    };
  }
}
