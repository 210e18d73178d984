import type { Logger } from 'pino';
import type { Clock, Timer } from '../process/clock.js';
import type { ChangeKind, Changes } from '../store/changes.js';

/** Wait before what could not be read is read again, milliseconds. */
const retryMs = 500;

/** Changes that are read at once. */
const mostAtOnce = 200;

export interface ChangeFollowerOptions {
  readonly changes: Pick<Changes, 'subscribe'>;
  /** Changes of this kind concern what their ids say. */
  readonly kind: ChangeKind;
  /** After a change of this kind everything is read again, as after a gap in the news; null: there is none. */
  readonly wholesaleKind: ChangeKind | null;
  /** Takes over what these ids stand for; may be asked again for the same. */
  readonly read: (ids: readonly string[]) => Promise<void>;
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
  #stopped = false;

  constructor(options: ChangeFollowerOptions) {
    this.#options = options;
    this.#subscription = options.changes.subscribe((change) => {
      if (change.kind === 'resync' || change.kind === options.wholesaleKind) this.readAgain();
      else if (change.kind === options.kind) {
        this.#pending.add(change.id);
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
    } catch (error) {
      const { clock, logger } = this.#options;
      logger.error({ err: error }, 'changes of another server cannot be read; trying again');
      this.#retry = clock.after(retryMs, () => {
        this.#retry = null;
        this.#work();
      });
    }
  }

  async #readSome(): Promise<void> {
    const ids = [...this.#pending].slice(0, mostAtOnce);
    for (const id of ids) this.#pending.delete(id);
    try {
      await this.#options.read(ids);
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
