import type { Logger } from 'pino';
import type {
  SessionEnding,
  SessionHistory,
  SessionOpening,
  SessionRefusal,
} from '../store/sessionHistory.js';

/**
 * Writes the history behind the sessions' back: a tunnel neither waits for the store nor ends because it is full.
 * What could not be written is logged and reported once per record.
 */
export class HistoryRecorder {
  readonly #history: SessionHistory;
  readonly #logger: Logger;
  readonly #onLost: () => void;
  readonly #server: string | null;
  readonly #pending = new Set<Promise<void>>();

  /** @param server which of the servers on this database writes; null: it is the only one */
  constructor(history: SessionHistory, logger: Logger, onLost: () => void, server: string | null = null) {
    this.#history = history;
    this.#logger = logger;
    this.#onLost = onLost;
    this.#server = server;
  }

  opened(opening: SessionOpening): void {
    this.#write(opening.uuid, this.#history.open({ ...opening, ...this.#mark }));
  }

  /** A request of a known client got no tunnel. While the store is lost that is one of the reasons: no error. */
  refused(refusal: SessionRefusal): void {
    const writing = this.#history.refuse({ ...refusal, ...this.#mark }).catch((error: unknown) => {
      this.#logger.debug({ clientId: refusal.clientSlug, err: error }, 'a refusal could not be recorded');
    });
    this.#write(refusal.uuid, writing);
  }

  closed(uuid: string, ending: SessionEnding): void {
    this.#write(uuid, this.#history.close(uuid, ending));
  }

  /** Waits for what is being written. */
  async flush(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  get #mark(): { readonly server?: string } {
    return this.#server === null ? {} : { server: this.#server };
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
