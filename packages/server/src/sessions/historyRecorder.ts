import type { Logger } from 'pino';
import type { SessionEnding, SessionHistory, SessionOpening } from '../store/sessionHistory.js';

/**
 * Writes the history behind the sessions' back: a tunnel neither waits for the store nor ends because it is full.
 * What could not be written is logged and reported once per record.
 */
export class HistoryRecorder {
  readonly #history: SessionHistory;
  readonly #logger: Logger;
  readonly #onLost: () => void;
  readonly #pending = new Set<Promise<void>>();

  constructor(history: SessionHistory, logger: Logger, onLost: () => void) {
    this.#history = history;
    this.#logger = logger;
    this.#onLost = onLost;
  }

  opened(opening: SessionOpening): void {
    this.#write(opening.uuid, this.#history.open(opening));
  }

  closed(uuid: string, ending: SessionEnding): void {
    this.#write(uuid, this.#history.close(uuid, ending));
  }

  /** Waits for what is being written. */
  async flush(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  #write(sessionId: string, writing: Promise<void>): void {
    const done: Promise<void> = writing
      .catch((error: unknown) => {
        this.#onLost();
        this.#logger.error({ sessionId, err: error }, 'the session could not be recorded');
      })
      .finally(() => this.#pending.delete(done));
    this.#pending.add(done);
  }
}
