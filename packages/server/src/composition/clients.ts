import type { Logger } from 'pino';
import type { Pools } from '../addressing/pools.js';
import { systemActor } from '../audit/actor.js';
import { AccessKeeper } from '../clients/accessKeeper.js';
import { Clients, type EnrolmentIssuer } from '../clients/clients.js';
import type { ClientDirectory } from '../clients/directory.js';
import { FixedAddresses } from '../clients/fixedAddresses.js';
import { ClientFollower } from '../clients/follower.js';
import { Revocation } from '../clients/revocation.js';
import { ClientSearch } from '../clients/search.js';
import type { LiveFeed } from '../events/feed.js';
import type { Authorities } from '../pki/authorities.js';
import type { Clock } from '../process/clock.js';
import { Disconnection } from '../sessions/disconnection.js';
import { OpenSessions } from '../sessions/openSessions.js';
import type { SessionObserver } from '../sessions/observer.js';
import type { AccessEndCause, Session } from '../sessions/session.js';
import type { Sessions } from '../sessions/sessions.js';
import type { SessionTable } from '../sessions/table.js';
import type { RuntimeSettings } from '../settings/runtimeSettings.js';
import type { Store } from '../store/store.js';
import type { Policy } from './policy.js';

export interface ClientCareParts {
  readonly store: Store;
  readonly serverId: string | null;
  readonly directory: ClientDirectory;
  readonly authorities: Pick<Authorities, 'issueClientCertificate'>;
  readonly enrolments: EnrolmentIssuer | null;
  readonly policy: Pick<Policy, 'book' | 'keeper'>;
  readonly pools: Pools;
  readonly settings: RuntimeSettings;
  readonly feed: LiveFeed;
  /** Client (uuid) → start of its last session, UTC milliseconds. */
  readonly lastConnected: ReadonlyMap<string, number>;
  readonly table: SessionTable;
  /** Made after this, as sessions tell it of themselves. */
  readonly sessions: () => Sessions;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Everything about clients, and the sessions they may have. */
export interface ClientCare extends Disposable {
  readonly clients: Clients;
  readonly revocation: Revocation;
  readonly access: AccessKeeper;
  readonly search: ClientSearch;
  readonly openSessions: OpenSessions;
  readonly disconnection: Disconnection;
  /** Slugs, in order. */
  readonly groupsOf: (clientUuid: string) => readonly string[];
  /** Tells all of these of sessions. */
  readonly observer: SessionObserver;
}

export function composeClients(parts: ClientCareParts): ClientCare {
  const { store, directory, policy, table, sessions, feed, clock, logger } = parts;
  const access = new AccessKeeper({
    directory,
    clock,
    sessionsOf: (clientUuid) => table.ofClient(clientUuid),
    end: (open, cause, sinceMs) => sessions().endAccess(open, cause, sinceMs),
    onExpired: (session, cause) => void recordExpiry(parts, session, cause),
  });
  const shared = { store, directory, access, feed, clock, logger };
  const follower = new ClientFollower(shared);
  const groupsOf = (clientUuid: string): readonly string[] =>
    policy.book.groupsOf(clientUuid).map(({ slug }) => slug);
  const openSessions = new OpenSessions({
    store,
    server: parts.serverId,
    table,
    onOpenedElsewhere: (clientUuid, startedAtMs) => search.connected(clientUuid, startedAtMs),
    clock,
    logger,
  });
  const search = new ClientSearch({
    directory,
    groupsOf,
    isOnline: (clientUuid) => openSessions.isOnline(clientUuid),
    lastConnected: parts.lastConnected,
  });
  const clients = new Clients({
    ...shared,
    authority: parts.authorities,
    policy: policy.keeper,
    limits: new FixedAddresses(parts.pools),
    enrolments: parts.enrolments,
    settings: parts.settings,
  });
  const disconnection = new Disconnection({
    store,
    table,
    end: (session, cause) => sessions().end(session, cause),
    server: parts.serverId,
    clock,
    logger,
  });
  return {
    clients,
    revocation: new Revocation(shared),
    access,
    search,
    groupsOf,
    openSessions,
    disconnection,
    observer: {
      opened: (session) => {
        access.opened(session);
        search.connected(session.client.uuid, session.startedAtMs);
      },
      ended: (session) => access.ended(session),
    },
    [Symbol.dispose]: () => {
      access[Symbol.dispose]();
      follower[Symbol.dispose]();
      openSessions[Symbol.dispose]();
      disconnection[Symbol.dispose]();
    },
  };
}

/** What time did is in the audit log like what people do. */
async function recordExpiry(
  { store, clock, logger }: Pick<ClientCareParts, 'store' | 'clock' | 'logger'>,
  { uuid, client }: Session,
  cause: AccessEndCause,
): Promise<void> {
  try {
    await store.atomically(async ({ audit }) => {
      await audit.insert({
        actor: systemActor,
        action: 'session.expire',
        targetKind: 'client',
        target: client.slug,
        detail: { sessionId: uuid, cause },
        now: clock.now(),
      });
    });
  } catch (error) {
    logger.error({ err: error, sessionId: uuid, clientId: client.slug }, 'an expiry could not be recorded');
  }
}
