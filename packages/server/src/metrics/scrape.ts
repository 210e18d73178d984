import { pipeline, type Readable } from 'node:stream';
import { setImmediate as immediate } from 'node:timers/promises';
import { constants, createGzip } from 'node:zlib';
import type { Clock } from '../process/clock.js';
import type { Metrics } from './metrics.js';
import type { Rendering } from './rendering.js';
import { SharedStream } from './sharedStream.js';

/** How the text is sent. */
export type Encoding = 'identity' | 'gzip';

interface Waiting {
  readonly encoding: Encoding;
  readonly resolve: (body: Readable) => void;
  readonly reject: (error: unknown) => void;
}

/** Renderings that may be on their way at a time; those who read the oldest of more are cut off. */
const mostRenderings = 3;

/**
 * Answers scrapes. A rendering is never older than its scrape, yet at most one is made per `intervalMs`:
 * scrapes that come sooner wait for the next one and share it. Text is made a chunk at a time, when somebody
 * wants it, and lets the event loop go between two chunks.
 */
export class Scraper {
  readonly #metrics: Metrics;
  readonly #clock: Clock;
  readonly #intervalMs: number;
  #lastAt = Number.NEGATIVE_INFINITY;
  #waiting: Waiting[] = [];
  #running: SharedStream[] = [];

  constructor(metrics: Metrics, clock: Clock, intervalMs: number) {
    this.#metrics = metrics;
    this.#clock = clock;
    this.#intervalMs = intervalMs;
  }

  /** The exposition, text format 0.0.4. */
  scrape(encoding: Encoding = 'identity'): Promise<Readable> {
    const body = new Promise<Readable>((resolve, reject) => {
      this.#waiting.push({ encoding, resolve, reject });
    });
    if (this.#waiting.length > 1) return body;
    const waitMs = this.#lastAt + this.#intervalMs - this.#clock.monotonic();
    if (waitMs <= 0) void this.#start();
    else this.#clock.after(waitMs, () => void this.#start());
    return body;
  }

  async #start(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#lastAt = this.#clock.monotonic();
    const work = new Stopwatch(this.#clock);
    try {
      for (const step of this.#metrics.gatherSteps()) {
        work.time(step);
        await immediate();
      }
      const rendering = work.time(() => this.#metrics.registry.capture());
      this.#serve(waiting, new SharedStream(this.#paced(rendering, work)));
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }

  /** One text for all, and one compression for all who want it compressed. */
  #serve(waiting: readonly Waiting[], text: SharedStream): void {
    this.#running = this.#running.filter(({ busy }) => busy);
    if (this.#running.length >= mostRenderings) {
      this.#running.shift()?.destroy(new Error('newer scrapes have overtaken this one'));
    }
    this.#running.push(text);
    const compressed = waiting.some(({ encoding }) => encoding === 'gzip')
      ? new SharedStream(gzipped(text.reader()))
      : null;
    for (const { encoding, resolve } of waiting) {
      resolve(encoding === 'gzip' && compressed !== null ? compressed.reader() : text.reader());
    }
  }

  /** The text's chunks, none before the turn of the event loop; notes at the end what it all took. */
  async *#paced(rendering: Rendering, work: Stopwatch): AsyncGenerator<Buffer, void, undefined> {
    const chunks = rendering.chunks();
    for (;;) {
      await immediate();
      const next = work.time(() => chunks.next());
      if (next.done === true) break;
      yield next.value;
    }
    this.#metrics.registry.family('scrapeDuration').observe(work.spentMs / 1000);
  }
}

/** Adds up what several pieces of work took. */
class Stopwatch {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #spentMs = 0;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  get spentMs(): number {
    return this.#spentMs;
  }

  time<Result>(work: () => Result): Result {
    const begunAt = this.#clock.monotonic();
    try {
      return work();
    } finally {
      this.#spentMs += this.#clock.monotonic() - begunAt;
    }
  }
}

/** Compresses on Node's thread pool; the text repeats itself so much that the fastest level does. */
async function* gzipped(text: Readable): AsyncGenerator<Buffer, void, undefined> {
  const gzip = createGzip({ level: constants.Z_BEST_SPEED, chunkSize: 65_536 });
  // An error reaches the loop below through `gzip`.
  pipeline(text, gzip, () => undefined);
  for await (const chunk of gzip) yield chunk as Buffer;
}
