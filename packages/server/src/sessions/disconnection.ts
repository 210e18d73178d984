import { fail, ok, type Result } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import type { Actor } from '../audit/actor.js';
import type { Clock } from '../process/clock.js';
import type { Change } from '../store/changes.js';
import type { Store } from '../store/store.js';
import type { EndCause, Session } from './session.js';
import type { SessionTable } from './table.js';

export const sessionFailureCodes = ['SESSION_NOT_FOUND'] as const;

export interface SessionFailure {
  readonly code: (typeof sessionFailureCodes)[number];
  readonly message: string;
}

export interface DisconnectionOptions {
  readonly store: Pick<Store, 'atomically' | 'sessionHistory' | 'changes'>;
  readonly table: Pick<SessionTable, 'findByUuid' | 'ofClient'>;
  readonly end: (session: Session, cause: EndCause) => void;
  /** Which of the servers on this database this is; null: it is the only one. */
  readonly server: string | null;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Logger;
}

/** Ends sessions because an administrator says so, on whichever server they are; their clients may come back. */
export class Disconnection implements Disposable {
  readonly #options: DisconnectionOptions;
  readonly #subscription: Disposable;

  constructor(options: DisconnectionOptions) {
    this.#options = options;
    this.#subscription = options.store.changes.subscribe((change) => this.#heard(change));
  }

  /** Code: SESSION_NOT_FOUND, also when it has ended already. Throws `StoreError`. */
  async one(uuid: string, actor: Actor): Promise<Result<void, SessionFailure>> {
    const { store, table, logger } = this.#options;
    const here = this.#open(table.findByUuid(uuid));
    const there = here === null ? await store.sessionHistory.find(uuid) : null;
    // One that ended here a moment ago is open in the database until its record is written.
    const open = there?.endedAt === null && there.server !== this.#options.server;
    if (here === null && !open) {
      return fail({ code: 'SESSION_NOT_FOUND', message: 'no open session has this id' });
    }
    const clientId = here?.client.slug ?? there?.clientSlug ?? '';
    await this.#record(actor, { clientId, sessionId: uuid, elsewhere: here === null ? [uuid] : [] });
    if (here !== null) this.#options.end(here, 'SESSION_DISCONNECTED');
    logger.info({ clientId, sessionId: uuid }, 'session disconnected');
    return ok(undefined);
  }

  /** All of a client, on every server; returns how many there were. Throws `StoreError`. */
  async ofClient(client: { readonly uuid: string; readonly slug: string }, actor: Actor): Promise<number> {
    const { store, table, server, end, logger } = this.#options;
    const open = table.ofClient(client.uuid).filter((session) => this.#open(session) !== null);
    const recorded = await store.sessionHistory.list({
      clientUuid: client.uuid,
      state: 'open',
      limit: 1_000,
    });
    const elsewhere = recorded.filter((record) => record.server !== server).map(({ uuid }) => uuid);
    const sessions = open.length + elsewhere.length;
    if (sessions === 0) return 0;
    await this.#record(actor, { clientId: client.slug, sessionId: null, elsewhere });
    for (const session of open) end(session, 'SESSION_DISCONNECTED');
    logger.info({ clientId: client.slug, sessions }, 'client disconnected');
    return sessions;
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }

  #heard(change: Change): void {
    if (change.kind !== 'session') return;
    const session = this.#open(this.#options.table.findByUuid(change.id));
    if (session !== null) this.#options.end(session, 'SESSION_DISCONNECTED');
  }

  #open(session: Session | null): Session | null {
    return session?.phase.name === 'open' ? session : null;
  }

  #record(
    actor: Actor,
    what: {
      readonly clientId: string;
      readonly sessionId: string | null;
      readonly elsewhere: readonly string[];
    },
  ): Promise<void> {
    const { store, clock } = this.#options;
    const { clientId, sessionId, elsewhere } = what;
    return store.atomically(async (repositories) => {
      await repositories.audit.insert({
        actor,
        action: 'session.disconnect',
        targetKind: 'client',
        target: clientId,
        detail: { sessionId },
        now: clock.now(),
      });
      for (const id of elsewhere) await repositories.changes.publish({ kind: 'session', id });
    });
  }
}
