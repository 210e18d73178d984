import type { Rendering } from './rendering.js';

/** As long as a server is no older than this, whoever scrapes it first is taken to have waited for it, ms. */
const youthMs = 300_000;
/** A scraper that did not come for so long is a new one, ms. */
const forgetMs = 3_600_000;
/** Scrapers that are known at a time; others see every row as it is. */
const mostScrapers = 32;

interface Scraper {
  /** Rows up to the one with this number were shown to it. */
  shown: number;
  lastAt: number;
}

/**
 * What each Prometheus has seen. `increase()` begins at the first value of a series that was scraped: what a client
 * did before would be lost. A row that came to be since a scraper's last scrape is therefore 0 in the next one,
 * whatever it is by then, and right in those after it. Nobody sees 0 after another value.
 *
 * A scraper that comes for the first time sees every row as it is: it must not take for an increase of now what
 * happened since the start. Only while the server is young is all of it new to everybody.
 */
export class Scrapers {
  readonly #scrapers = new Map<string, Scraper>();
  readonly #startedAt: number;

  /** `startedAt`: when the server started, monotonic ms. */
  constructor(startedAt: number) {
    this.#startedAt = startedAt;
  }

  /** Rows of a rendering that `name` has to see at 0. */
  newTo(name: string, rendering: Rendering, monotonicMs: number): readonly number[] {
    for (const [other, { lastAt }] of this.#scrapers) {
      if (monotonicMs - lastAt > forgetMs) this.#scrapers.delete(other);
    }
    const known = this.#scrapers.get(name);
    if (known !== undefined) return rendering.rowsSince(known.shown);
    if (this.#scrapers.size >= mostScrapers) return [];
    const shown = monotonicMs - this.#startedAt < youthMs ? 0 : rendering.births;
    this.#scrapers.set(name, { shown, lastAt: monotonicMs });
    return rendering.rowsSince(shown);
  }

  /** `name` has got all of a rendering. */
  delivered(name: string, rendering: Rendering, monotonicMs: number): void {
    const known = this.#scrapers.get(name);
    if (known === undefined) return;
    known.shown = Math.max(known.shown, rendering.births);
    known.lastAt = monotonicMs;
  }
}
