import type { Readable } from 'node:stream';
import { setImmediate as immediate } from 'node:timers/promises';
import type { Clock } from '../process/clock.js';
import { Compressor, gzipMember } from './gzipMember.js';
import type { Metrics } from './metrics.js';
import type { Rendering } from './rendering.js';
import { Scrapers } from './scrapers.js';
import { SharedStream } from './sharedStream.js';

/** How the text is sent. */
export type Encoding = 'identity' | 'gzip';

interface Waiting {
  readonly encoding: Encoding;
  readonly scraper: string | null;
  readonly resolve: (body: Readable) => void;
  readonly reject: (error: unknown) => void;
}

/** Renderings of so many moments may be on their way; those who read the oldest of more are cut off. */
const mostMoments = 3;
/** Work between two turns of the event loop, ms; a chunk more may come on top. */
const turnMs = 1;

/**
 * Answers scrapes. A rendering is never older than its scrape, yet at most one is made per `intervalMs`:
 * scrapes that come sooner wait for the next one and share it, those to which other rows are new excepted
 * (see `Scrapers`). Text is made a chunk at a time, when somebody wants it, and lets the event loop go.
 */
export class Scraper {
  readonly #metrics: Metrics;
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #scrapers: Scrapers;
  readonly #compressor = new Compressor();
  #lastAt = Number.NEGATIVE_INFINITY;
  #waiting: Waiting[] = [];
  #running: SharedStream[][] = [];

  constructor(metrics: Metrics, clock: Clock, intervalMs: number) {
    this.#metrics = metrics;
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#scrapers = new Scrapers(clock.monotonic());
  }

  /**
   * The exposition, text format 0.0.4. `scraper` names one that goes by differences between what it reads, as
   * Prometheus does; null is anybody else.
   */
  scrape(encoding: Encoding = 'identity', scraper: string | null = null): Promise<Readable> {
    const body = new Promise<Readable>((resolve, reject) => {
      this.#waiting.push({ encoding, scraper, resolve, reject });
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
      this.#makeRoom();
      this.#running.push(this.#variants(waiting, rendering).map((variant) => this.#serve(variant, work)));
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }

  /** The rendering as each of them has to see it; the same one for those to whom the same rows are new. */
  #variants(waiting: readonly Waiting[], rendering: Rendering): readonly Variant[] {
    const variants = new Map<string, Variant & { waiting: Waiting[] }>();
    for (const one of waiting) {
      const fresh =
        one.scraper === null ? [] : this.#scrapers.newTo(one.scraper, rendering, this.#clock.monotonic());
      const key = fresh.join();
      const variant = variants.get(key);
      if (variant !== undefined) variant.waiting.push(one);
      else variants.set(key, { rendering: rendering.withRowsAtZero(fresh), waiting: [one] });
    }
    return [...variants.values()];
  }

  #makeRoom(): void {
    this.#running = this.#running.filter((texts) => texts.some(({ busy }) => busy));
    if (this.#running.length < mostMoments) return;
    const oldest = this.#running.shift() ?? [];
    for (const text of oldest) text.destroy(new Error('newer scrapes have overtaken this one'));
  }

  /** One text for all, and one compression for all who want it compressed. */
  #serve({ rendering, waiting }: Variant, work: Stopwatch): SharedStream {
    const text = new SharedStream(this.#paced(rendering, work));
    const compressed = waiting.some(({ encoding }) => encoding === 'gzip')
      ? new SharedStream(gzipMember(this.#compressor, text.reader()))
      : null;
    for (const { encoding, scraper, resolve } of waiting) {
      const body = (encoding === 'gzip' ? compressed : text)?.reader() ?? text.reader();
      if (scraper !== null) {
        body.once('end', () => this.#scrapers.delivered(scraper, rendering, this.#clock.monotonic()));
      }
      resolve(body);
    }
    return text;
  }

  /** The text's chunks, with turns of the event loop between them; notes at the end what it all took. */
  async *#paced(rendering: Rendering, work: Stopwatch): AsyncGenerator<Buffer, void, undefined> {
    const chunks = rendering.chunks();
    let turnEndsAt = Number.NEGATIVE_INFINITY;
    for (;;) {
      if (this.#clock.monotonic() >= turnEndsAt) {
        await immediate();
        turnEndsAt = this.#clock.monotonic() + turnMs;
      }
      const next = work.time(() => chunks.next());
      if (next.done === true) break;
      yield next.value;
    }
    this.#metrics.registry.family('scrapeDuration').observe(work.spentMs / 1000);
  }
}

/** A rendering and who gets it. */
interface Variant {
  readonly rendering: Rendering;
  readonly waiting: readonly Waiting[];
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
