import { setTimeout as delay } from 'node:timers/promises';
import { sql, type Kysely } from 'kysely';
import type { ClientConfig } from 'pg';
import type { Logger } from 'pino';
import { z } from 'zod';
import { changeKinds, type Change, type ChangeHub, type Changes } from './changes.js';
import { ListeningConnection } from './listeningConnection.js';
import { storeErrorOfPostgres } from './postgresError.js';
import type { Database } from './schema.js';
import type { StoreError } from './storeError.js';

const channel = 'masque_vpn_changes';

/** How long after a failure the next attempt is made, milliseconds. */
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2_000;

/** Different changes that are kept for those who subscribe later; more are told as one `resync`. */
const MOST_EARLIER = 1_000;

export interface PostgresChangesOptions {
  readonly client: ClientConfig;
  /** The address for people, without its password. */
  readonly where: string;
  /** Tells this store's news from those of others. */
  readonly origin: string;
  readonly logger: Logger;
  /** The connection broke, and was made again. */
  readonly onLost: (error: StoreError) => void;
  readonly onFound: () => void;
}

const news = z.object({ origin: z.string(), kind: z.enum(changeKinds), id: z.string() });

/**
 * LISTEN and NOTIFY on a connection of its own, which is made again when it breaks. What was published meanwhile is
 * lost: subscribers then hear `resync`.
 */
export class PostgresChanges implements ChangeHub {
  readonly #options: PostgresChangesOptions;
  readonly #listeners = new Set<(change: Change) => void>();
  /** What was heard since the beginning, each once. */
  readonly #earlier = new Map<string, Change>();
  readonly #ending = new AbortController();
  #listening: Promise<void> = Promise.resolve();

  private constructor(options: PostgresChangesOptions) {
    this.#options = options;
  }

  /** Hears everything from when it returns; throws a StoreError when it cannot. */
  static async listen(options: PostgresChangesOptions): Promise<PostgresChanges> {
    const changes = new PostgresChanges(options);
    try {
      changes.#listening = changes.#keepListening(await changes.#connect());
    } catch (error) {
      throw storeErrorOfPostgres(error, options.where);
    }
    return changes;
  }

  subscribe(listener: (change: Change) => void): Disposable {
    const earlier = [...this.#earlier.values()];
    this.#listeners.add(listener);
    // Not before whoever subscribes is whole; what comes from now on comes later still.
    queueMicrotask(() => {
      if (!this.#listeners.has(listener)) return;
      for (const change of earlier) this.#tellOne(listener, change);
    });
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Published by a query of `database`: in its transaction, if it is one. */
  within(database: Kysely<Database>): Changes {
    return {
      publish: async (...changes) => {
        const { origin } = this.#options;
        const payloads = changes.map(({ kind, id }) => JSON.stringify({ origin, kind, id }));
        await sql`select pg_notify(${channel}, payload) from unnest(${payloads}::text[]) as payload`.execute(
          database,
        );
      },
      subscribe: (listener) => this.subscribe(listener),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#listening;
  }

  #connect(): Promise<ListeningConnection> {
    const hear = (payload: string): void => this.#notified(payload);
    return ListeningConnection.open(this.#options.client, channel, hear, this.#ending.signal);
  }

  async #keepListening(first: ListeningConnection): Promise<void> {
    const { logger, where, onLost, onFound } = this.#options;
    let connection: ListeningConnection | null = first;
    for (;;) {
      await connection.ended;
      if (this.#ending.signal.aborted) return;
      onLost(storeErrorOfPostgres(new Error('the connection ended'), where));
      connection = await this.#reconnect();
      if (connection === null) return;
      logger.info({ database: where }, 'connected to the database again');
      onFound();
      this.#tell({ kind: 'resync' });
    }
  }

  /** Null when the store was closed meanwhile. */
  async #reconnect(): Promise<ListeningConnection | null> {
    const { signal } = this.#ending;
    for (let wait = FIRST_RETRY_MS; !signal.aborted; wait = Math.min(2 * wait, LAST_RETRY_MS)) {
      try {
        await delay(wait, undefined, { signal });
        return await this.#connect();
      } catch {
        // Still gone; its loss was told.
      }
    }
    return null;
  }

  #notified(payload: string): void {
    const parsed = news.safeParse(parseJson(payload));
    if (!parsed.success) {
      this.#options.logger.warn({ database: this.#options.where }, 'a notice of another program was ignored');
      return;
    }
    const { origin, kind, id } = parsed.data;
    if (origin !== this.#options.origin) this.#tell({ kind, id });
  }

  #tell(change: Change): void {
    this.#remember(change);
    for (const listener of this.#listeners) this.#tellOne(listener, change);
  }

  #tellOne(listener: (change: Change) => void, change: Change): void {
    try {
      listener(change);
    } catch (error) {
      this.#options.logger.error({ err: error, change }, 'a change of another server was not taken over');
    }
  }

  #remember(change: Change): void {
    if (this.#earlier.has('resync')) return;
    if (change.kind === 'resync' || this.#earlier.size === MOST_EARLIER) {
      this.#earlier.clear();
      this.#earlier.set('resync', { kind: 'resync' });
    } else this.#earlier.set(`${change.kind} ${change.id}`, change);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
