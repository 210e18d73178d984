import type { Logger } from 'pino';
import type { Clock } from '../process/clock.js';
import type { Store } from '../store/store.js';

/** How long a server may say nothing before the others take it for gone for good, milliseconds. */
const GONE_MS = 15 * 60_000;

/** Cause of the sessions of a server that is gone for good, in the history. */
export const goneCause = 'SERVER_GONE';

export interface PresenceOptions {
  readonly store: Store;
  /** This server. */
  readonly uuid: string;
  readonly name: string;
  /** Another server was found to be gone. */
  readonly onGone: () => void;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Logger;
}

/**
 * At start: ends what a crash of this server left open in the history, and tells the others that it is there. Returns
 * how many sessions there were; throws `StoreError`.
 *
 * @param server null: it is the only one on the database
 */
export async function arrive(
  store: Pick<Store, 'atomically' | 'sessionHistory'>,
  server: { readonly uuid: string; readonly name: string } | null,
  at: { readonly now: number; readonly cause: string },
): Promise<number> {
  const { now, cause } = at;
  if (server === null) return store.sessionHistory.closeAbandoned(now, cause);
  return store.atomically(async ({ servers, sessionHistory, changes }) => {
    await servers.seen({ ...server, startedAt: now, seenAt: now });
    await changes.publish({ kind: 'server', id: server.uuid });
    return sessionHistory.closeAbandoned(now, cause, server.uuid);
  });
}

/**
 * Tells the other servers on the database that this one is there, and ends what those left behind that are not any
 * more: their sessions are over, their addresses are free. Clocks may differ by minutes.
 */
export class Presence {
  readonly #options: PresenceOptions;
  readonly #startedAt: number;

  constructor(options: PresenceOptions) {
    this.#options = options;
    this.#startedAt = Math.trunc(options.clock.now());
  }

  /** To be called every minute; throws `StoreError`. */
  async attend(): Promise<void> {
    const { store, uuid, name, clock } = this.#options;
    const now = Math.trunc(clock.now());
    await store.servers.seen({ uuid, name, startedAt: this.#startedAt, seenAt: now });
    for (const server of await store.servers.list()) {
      if (server.uuid !== uuid && server.seenAt < now - GONE_MS) await this.#bury(server, now);
    }
  }

  async #bury(
    server: { readonly uuid: string; readonly name: string; readonly seenAt: number },
    now: number,
  ): Promise<void> {
    const sessions = await this.#options.store.atomically(
      async ({ servers, sessionHistory, leases, changes }) => {
        if (!(await servers.forget(server.uuid, now - GONE_MS))) return null;
        await leases.releaseAll(server.uuid, now);
        await changes.publish({ kind: 'server', id: server.uuid });
        return sessionHistory.closeAbandoned(server.seenAt, goneCause, server.uuid);
      },
    );
    if (sessions === null) return;
    this.#options.onGone();
    this.#options.logger.warn(
      { server: server.name, sessions },
      'a server of this database is gone for good',
    );
  }
}
