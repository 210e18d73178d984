import type { Logger } from 'pino';
import type { Clock, Timer } from '../process/clock.js';
import type {
  SessionEnding,
  SessionHistory,
  SessionNote,
  SessionOpening,
  SessionRefusal,
} from '../store/sessionHistory.js';
import { StoreError } from '../store/storeError.js';

/** Sessions that wait for the database; beyond it the one that waits longest is not recorded. */
const MAX_PENDING = 20_000;
/** Records of one transaction. */
const MAX_BATCH = 128;
/** How long after a failure the next attempt is made, milliseconds. */
const RETRY_MS = 1_000;

export interface HistoryRecorderOptions {
  readonly history: Pick<SessionHistory, 'record'>;
  /** Which of the servers on this database writes; null: it is the only one. */
  readonly server: string | null;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A session will never be in the history. */
  readonly onLost: () => void;
}

/**
 * Writes the history behind the sessions' back: a tunnel neither waits for the store nor ends because it is full or
 * gone. What cannot be written waits, within limits, until it can; a session that is lost is reported once.
 */
export class HistoryRecorder {
  readonly #options: HistoryRecorderOptions;
  #pending = new Map<string, SessionNote>();
  #writing: Promise<void> | null = null;
  /** While the store is lost. */
  #retry: Timer | null = null;

  constructor(options: HistoryRecorderOptions) {
    this.#options = options;
  }

  opened(opening: SessionOpening): void {
    this.#note(opening.uuid, { opening: { ...opening, ...this.#mark } });
  }

  /** A request of a known client got no tunnel. While the store is lost that is one of the reasons: not recorded. */
  refused(refusal: SessionRefusal): void {
    if (this.#retry === null) this.#note(refusal.uuid, { refusal: { ...refusal, ...this.#mark } });
  }

  closed(uuid: string, ending: SessionEnding): void {
    this.#note(uuid, { ending });
  }

  /** At the end: writes what is pending. What cannot be written now never will be. */
  async flush(): Promise<void> {
    this.#cancelRetry();
    while (this.#pending.size > 0 || this.#writing !== null) {
      this.#wake();
      await this.#writing;
      if (this.#cancelRetry()) break;
    }
    for (const [uuid, note] of this.#pending) this.#lost(uuid, note, null);
    this.#pending.clear();
  }

  get #mark(): { readonly server?: string } {
    return this.#options.server === null ? {} : { server: this.#options.server };
  }

  #note(uuid: string, note: SessionNote): void {
    this.#pending.set(uuid, { ...this.#pending.get(uuid), ...note });
    for (const [oldest, abandoned] of this.#pending) {
      if (this.#pending.size <= MAX_PENDING) break;
      this.#pending.delete(oldest);
      this.#lost(oldest, abandoned, null);
    }
    if (this.#retry === null) this.#wake();
  }

  #wake(): void {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
    });
  }

  async #write(): Promise<void> {
    // What happens in the same tick is written together.
    await Promise.resolve();
    while (this.#pending.size > 0) {
      const batch = [...this.#pending].slice(0, MAX_BATCH);
      for (const [uuid] of batch) this.#pending.delete(uuid);
      try {
        await this.#options.history.record(batch);
      } catch (error) {
        if (isPassing(error)) {
          this.#postpone(batch, error);
          return;
        }
        // One of them is at fault: it alone is lost.
        for (const [uuid, note] of batch) await this.#recordAlone(uuid, note);
      }
    }
  }

  async #recordAlone(uuid: string, note: SessionNote): Promise<void> {
    try {
      await this.#options.history.record([[uuid, note]]);
    } catch (error) {
      this.#lost(uuid, note, error);
    }
  }

  /** What was noted meanwhile is newer. */
  #postpone(batch: readonly (readonly [string, SessionNote])[], error: unknown): void {
    const { clock, logger } = this.#options;
    const newer = this.#pending;
    this.#pending = new Map(batch.filter(([, note]) => note.refusal === undefined));
    for (const [uuid, note] of newer) this.#pending.set(uuid, { ...this.#pending.get(uuid), ...note });
    logger.debug({ err: error, sessions: this.#pending.size }, 'the session history waits for the database');
    this.#retry = clock.after(RETRY_MS, () => {
      this.#retry = null;
      this.#wake();
    });
  }

  #lost(sessionId: string, note: SessionNote, error: unknown): void {
    if (note.refusal !== undefined) return;
    this.#options.onLost();
    this.#options.logger.error({ sessionId, err: error }, 'the session could not be recorded');
  }

  /** True when there was one to come. */
  #cancelRetry(): boolean {
    const retry = this.#retry;
    this.#retry = null;
    retry?.cancel();
    return retry !== null;
  }
}

/** Whether the store may take tomorrow what it does not take today. */
function isPassing(error: unknown): boolean {
  return (
    error instanceof StoreError && ['STORE_UNAVAILABLE', 'STORE_FULL', 'STORE_BUSY'].includes(error.code)
  );
}
