import { formatAddress } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import type { Clock } from '../process/clock.js';
import { ChangeFollower } from '../servers/changeFollower.js';
import type { SessionRecord } from '../store/sessionHistory.js';
import type { Store } from '../store/store.js';
import { openOf } from './livePolicy.js';
import type { SessionTable } from './table.js';

export interface OpenSessionsOptions {
  readonly store: Pick<Store, 'sessionHistory' | 'changes'>;
  /** Which of the servers on this database this is; null: it is the only one. */
  readonly server: string | null;
  /** Those on this server. */
  readonly table: Pick<SessionTable, 'ofClient'>;
  /** A client opened a session on another server, perhaps some time ago. */
  readonly onOpenedElsewhere: (clientUuid: string, startedAtMs: number) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What is known of one; the instance is empty when it has none. */
type SessionElsewhere = Pick<SessionRecord, 'addresses' | 'instance'>;

/**
 * The open sessions of every client, on whichever server on the database. Those elsewhere are in memory as the history
 * has them, which other servers write a moment after the fact: an end within about 5 seconds.
 */
export class OpenSessions implements Disposable {
  readonly #options: OpenSessionsOptions;
  /** Client (uuid) → session (uuid) → session, of other servers. */
  #elsewhere = new Map<string, Map<string, SessionElsewhere>>();
  readonly #follower: ChangeFollower | null;

  /** Knows of the other servers soon after; see `settled`. */
  constructor(options: OpenSessionsOptions) {
    this.#options = options;
    const { store, server, clock, logger } = options;
    if (server === null) {
      this.#follower = null;
      return;
    }
    this.#follower = new ChangeFollower({
      changes: store.changes,
      concerns: ({ kind, id }) => (kind === 'server' ? 'everything' : kind === 'history' ? { id } : null),
      read: (uuids) => this.#read(uuids),
      readEverything: () => this.#readEverything(server),
      clock,
      logger,
    });
    this.#follower.readAgain();
  }

  /** The inner addresses of each of a client's open sessions. */
  ofClient(clientUuid: string): readonly (readonly string[])[] {
    const here = openOf(this.#options.table.ofClient(clientUuid)).map(({ phase }) =>
      phase.leases.map(({ address }) => formatAddress(address)),
    );
    const there = this.#elsewhere.get(clientUuid)?.values() ?? [];
    return [...here, ...[...there].map(({ addresses }) => addresses)];
  }

  /**
   * How many a client has on other servers that would stand beside a new one here. Those of the same instance (null: it
   * has none) do not: it left them behind when it came here.
   */
  besideElsewhere(clientUuid: string, instance: string | null): number {
    let count = 0;
    for (const session of this.#elsewhere.get(clientUuid)?.values() ?? []) {
      if (instance === null || session.instance !== instance) count += 1;
    }
    return count;
  }

  /** Whether a client has one. */
  isOnline(clientUuid: string): boolean {
    return this.#elsewhere.has(clientUuid) || openOf(this.#options.table.ofClient(clientUuid)).length > 0;
  }

  /** Reads what is open elsewhere again, soon: a server is gone. */
  readAgain(): void {
    this.#follower?.readAgain();
  }

  /** Resolves when nothing is being read. */
  async settled(): Promise<void> {
    await this.#follower?.settled();
  }

  [Symbol.dispose](): void {
    this.#follower?.[Symbol.dispose]();
  }

  async #read(uuids: readonly string[]): Promise<void> {
    for (const session of await this.#options.store.sessionHistory.findAll(uuids)) {
      this.#options.onOpenedElsewhere(session.clientUuid, session.startedAt);
      if (session.endedAt === null) put(this.#elsewhere, session);
      else this.#remove(session);
    }
  }

  async #readEverything(server: string): Promise<void> {
    const { store, onOpenedElsewhere } = this.#options;
    const open = await store.sessionHistory.openElsewhere(server);
    const lastStarts = await store.sessionHistory.lastStarts();
    this.#elsewhere = new Map();
    for (const session of open) put(this.#elsewhere, session);
    for (const [clientUuid, startedAt] of lastStarts) onOpenedElsewhere(clientUuid, startedAt);
  }

  #remove({ uuid, clientUuid }: SessionRecord): void {
    const ofClient = this.#elsewhere.get(clientUuid);
    ofClient?.delete(uuid);
    if (ofClient?.size === 0) this.#elsewhere.delete(clientUuid);
  }
}

function put(
  sessions: Map<string, Map<string, SessionElsewhere>>,
  { uuid, clientUuid, addresses, instance }: SessionRecord,
): void {
  const ofClient = sessions.get(clientUuid) ?? new Map<string, SessionElsewhere>();
  sessions.set(clientUuid, ofClient.set(uuid, { addresses, instance }));
}
