import type { Logger } from 'pino';
import type { Clock, Timer } from '../process/clock.js';
import type { Changes, PublishedChange } from '../store/changes.js';

/** Wait before what could not be read is read again, milliseconds; twice as long each time, up to the longest. */
const retryMs = 500;
const longestRetryMs = 16_000;

/** Changes that are read at once. */
const mostAtOnce = 200;

/** What a change has read again: what this id stands for; everything, as after a gap in the news; or nothing. */
export type Concern = { readonly id: string } | 'everything' | null;

export interface ChangeFollowerOptions {
  readonly changes: Pick<Changes, 'subscribe'>;
  readonly concerns: (change: PublishedChange) => Concern;
  /** Takes over what these ids stand for; may be asked again for the same. Absent: it is never asked for less than all. */
  readonly read?: (ids: readonly string[]) => Promise<void>;
  readonly readEverything: () => Promise<void>;
  readonly clock: Pick<Clock, 'after'>;
  readonly logger: Logger;
}

/**
 * Keeps something in memory in step with what other servers write into the database. What cannot be read is read
 * again until it can; what changes while it is read is read once more.
 */
export class ChangeFollower implements Disposable {
  readonly #options: ChangeFollowerOptions;
  readonly #subscription: Disposable;
  readonly #pending = new Set<string>();
  #everything = false;
  #working: Promise<void> | null = null;
  #retry: Timer | null = null;
  #retryMs = retryMs;
  #stopped = false;

  constructor(options: ChangeFollowerOptions) {
    this.#options = options;
    this.#subscription = options.changes.subscribe((change) => {
      const concern = change.kind === 'resync' ? 'everything' : options.concerns(change);
      if (concern === null) return;
      // Whoever brings news can be asked again soon.
      this.#retryMs = retryMs;
      if (concern === 'everything') this.readAgain();
      else {
        this.#pending.add(concern.id);
        this.#work();
      }
    });
  }

  /** Reads everything, soon. */
  readAgain(): void {
    this.#everything = true;
    this.#work();
  }

  /** Resolves when nothing is being read. */
  async settled(): Promise<void> {
    await this.#working;
  }

  [Symbol.dispose](): void {
    this.#stopped = true;
    this.#subscription[Symbol.dispose]();
    this.#retry?.cancel();
  }

  #work(): void {
    if (this.#stopped) return;
    this.#working ??= this.#readAll().finally(() => {
      this.#working = null;
      if ((this.#everything || this.#pending.size > 0) && this.#retry === null) this.#work();
    });
  }

  async #readAll(): Promise<void> {
    try {
      while (!this.#stopped && (this.#everything || this.#pending.size > 0)) {
        if (this.#everything) await this.#readEverything();
        else await this.#readSome();
      }
      this.#retry?.cancel();
      this.#retry = null;
      this.#retryMs = retryMs;
    } catch (error) {
      const { clock, logger } = this.#options;
      logger.error({ err: error }, 'what has changed in the database cannot be read; trying again');
      this.#retry?.cancel();
      this.#retry = clock.after(this.#retryMs, () => {
        this.#retry = null;
        this.#work();
      });
      this.#retryMs = Math.min(2 * this.#retryMs, longestRetryMs);
    }
  }

  async #readSome(): Promise<void> {
    const ids = [...this.#pending].slice(0, mostAtOnce);
    for (const id of ids) this.#pending.delete(id);
    try {
      await (this.#options.read ?? this.#options.readEverything)(ids);
    } catch (error) {
      for (const id of ids) this.#pending.add(id);
      throw error;
    }
  }

  async #readEverything(): Promise<void> {
    this.#everything = false;
    try {
      await this.#options.readEverything();
    } catch (error) {
      this.#everything = true;
      throw error;
    }
  }
}
