import { fail, formatAddress, ok, type Result } from '@masque-vpn/protocol';
import type { Actor } from '../audit/actor.js';
import { clientNotFound } from '../clients/clientFailure.js';
import type { ClientDirectory } from '../clients/directory.js';
import type { Metrics } from '../metrics/metrics.js';
import { unknownPath, type PathQuality } from '../metrics/paths.js';
import type { Disconnection } from '../sessions/disconnection.js';
import type { Session } from '../sessions/session.js';
import type { SessionTable } from '../sessions/table.js';
import type { ServerRepository } from '../store/servers.js';
import type { SessionHistory, SessionRecord } from '../store/sessionHistory.js';
import type {
  PastSessionModel,
  PastSessionQuery,
  SessionDetailModel,
  SessionListQuery,
  SessionModel,
} from './models/session.js';
import { cutPage, type Page, parseCursor, uuidKey } from './page.js';
import type { ApiFailure } from './problem.js';

export interface SessionAdministrationOptions {
  readonly table: SessionTable;
  readonly metrics: Pick<Metrics, 'read' | 'trafficOf' | 'pathsOf'>;
  readonly history: SessionHistory;
  readonly servers: Pick<ServerRepository, 'list'>;
  /** Which of the servers on this database this is; null: it is the only one. */
  readonly server: string | null;
  readonly directory: Pick<ClientDirectory, 'findBySlug'>;
  readonly disconnection: Disconnection;
}

type OpenSession = Session & { readonly phase: { readonly name: 'open' } };

/** Sessions as the API shows and ends them. What reads the history throws `StoreError` when the store is lost. */
export class SessionAdministration {
  readonly #options: SessionAdministrationOptions;

  constructor(options: SessionAdministrationOptions) {
    this.#options = options;
  }

  /** Open sessions on this server, the oldest first. Code: API_REQUEST_INVALID. */
  list({ limit, cursor, client }: SessionListQuery): Result<Page<SessionModel>, ApiFailure> {
    const after = parseCursor(cursor, uuidKey);
    if (!after.ok) return after;
    const [last] = after.value ?? [''];
    const found: OpenSession[] = [];
    // UUIDv7 sorts by time: they are in order but for those of the same millisecond.
    const inOrder = this.#candidates(client).toSorted((a, b) => (a.uuid < b.uuid ? -1 : 1));
    for (const session of inOrder) {
      if (!isOpen(session) || session.uuid <= last) continue;
      found.push(session);
      if (found.length > limit) break;
    }
    const models = new Map(this.#models(found).map((model) => [model.id, model]));
    return ok(
      cutPage(
        found.filter(({ uuid }) => models.has(uuid)),
        limit,
        ({ uuid }) => [uuid],
        (session) => models.get(session.uuid) ?? this.#model(session, new Map()),
      ),
    );
  }

  /** Every session there was, on all servers, the newest first. Code: API_REQUEST_INVALID. */
  async past(query: PastSessionQuery): Promise<Result<Page<PastSessionModel>, ApiFailure>> {
    const before = parseCursor(query.cursor, uuidKey);
    if (!before.ok) return before;
    const { limit, client, state, cause, fromMs, untilMs } = query;
    const known = client === undefined ? null : this.#options.directory.findBySlug(client);
    const records = await this.#options.history.list({
      ...(client === undefined ? {} : known === null ? { clientSlug: client } : { clientUuid: known.uuid }),
      ...(state === undefined ? {} : { state }),
      ...(cause === undefined ? {} : { cause }),
      ...(fromMs === undefined ? {} : { from: fromMs }),
      ...(untilMs === undefined ? {} : { until: untilMs }),
      ...(before.value === null ? {} : { before: before.value[0] }),
      limit: limit + 1,
    });
    const names = await this.#serverNames(records.map(({ server }) => server));
    return ok(
      cutPage(
        records,
        limit,
        ({ uuid }) => [uuid],
        (record) => pastModel(record, names),
      ),
    );
  }

  /** Code: SESSION_NOT_FOUND. */
  async find(id: string): Promise<Result<SessionDetailModel, ApiFailure>> {
    const session = this.#options.table.findByUuid(id);
    const [live = null] = session !== null && isOpen(session) ? this.#models([session]) : [];
    const record = await this.#options.history.find(id);
    const { server } = this.#options;
    const names = await this.#serverNames([record?.server ?? null, server]);
    if (record !== null) return ok({ ...pastModel(record, names), live });
    // The record of one that was opened a moment ago is still on its way.
    if (live !== null) return ok({ ...pastOfLive(live), server: serverModel(server, names), live });
    return fail({ code: 'SESSION_NOT_FOUND', message: 'no session has this id' });
  }

  /** Code: SESSION_NOT_FOUND, also when it has ended already. */
  async disconnect(id: string, actor: Actor): Promise<Result<null, ApiFailure>> {
    const ended = await this.#options.disconnection.one(id, actor);
    return ended.ok ? ok(null) : ended;
  }

  /** Code: CLIENT_NOT_FOUND. */
  async disconnectClient(
    id: string,
    actor: Actor,
  ): Promise<Result<{ readonly sessionsEnded: number }, ApiFailure>> {
    const client = this.#options.directory.findBySlug(id);
    if (client === null) return fail({ code: 'CLIENT_NOT_FOUND', message: clientNotFound(id).error.message });
    return ok({ sessionsEnded: await this.#options.disconnection.ofClient(client, actor) });
  }

  /** A session as events show it. */
  modelOf(session: Session): SessionModel | null {
    return isOpen(session) ? this.#model(session, new Map()) : null;
  }

  /** Names of servers by their ids, as far as these sessions need them. */
  async #serverNames(needed: readonly (string | null)[]): Promise<ReadonlyMap<string, string>> {
    if (needed.every((server) => server === null)) return new Map();
    return new Map((await this.#options.servers.list()).map(({ uuid, name }) => [uuid, name]));
  }

  #candidates(client: string | undefined): readonly Session[] {
    const { table, directory } = this.#options;
    if (client === undefined) return table.placed();
    const known = directory.findBySlug(client);
    return known === null ? [] : table.ofClient(known.uuid);
  }

  #models(sessions: readonly OpenSession[]): readonly SessionModel[] {
    const { metrics } = this.#options;
    if (sessions.length === 0) return [];
    metrics.read();
    const paths = metrics.pathsOf(new Set(sessions.map(({ connectionId }) => connectionId)));
    return sessions.map((session) => this.#model(session, paths));
  }

  #model(session: OpenSession, paths: ReadonlyMap<number, PathQuality>): SessionModel {
    const { bytesSent, bytesReceived, packetsSent, packetsReceived, dropsSending, dropsReceiving } =
      this.#options.metrics.trafficOf(session.id);
    const path = paths.get(session.connectionId);
    return {
      id: session.uuid,
      clientId: session.client.slug,
      remoteAddress: session.remoteAddress,
      addresses: session.phase.leases.map(({ address }) => formatAddress(address)),
      startedAtMs: session.startedAtMs,
      bytesSent,
      bytesReceived,
      packetsSent,
      packetsReceived,
      dropsSending,
      dropsReceiving,
      tunnelMtu: session.tunnelMtu,
      path: path ?? unknownPath,
    };
  }
}

function isOpen(session: Session): session is OpenSession {
  return session.phase.name === 'open';
}

function serverModel(server: string | null, names: ReadonlyMap<string, string>): PastSessionModel['server'] {
  return server === null ? null : { id: server, name: names.get(server) ?? null };
}

function pastModel(record: SessionRecord, names: ReadonlyMap<string, string>): PastSessionModel {
  return {
    id: record.uuid,
    clientId: record.clientSlug,
    server: serverModel(record.server, names),
    state: record.refusal !== null ? 'refused' : record.endedAt === null ? 'open' : 'ended',
    remoteAddress: record.remoteAddress,
    addresses: [...record.addresses],
    startedAtMs: record.startedAt,
    endedAtMs: record.endedAt,
    cause: record.refusal ?? record.cause,
    code: record.code,
    bytesSent: record.bytesOut,
    bytesReceived: record.bytesIn,
    packetsSent: record.packetsOut,
    packetsReceived: record.packetsIn,
  };
}

function pastOfLive(live: SessionModel): Omit<PastSessionModel, 'server'> {
  const { id, clientId, remoteAddress, addresses, startedAtMs } = live;
  const { bytesSent, bytesReceived, packetsSent, packetsReceived } = live;
  return {
    ...{ id, clientId, remoteAddress, addresses, startedAtMs },
    ...{ bytesSent, bytesReceived, packetsSent, packetsReceived },
    state: 'open',
    endedAtMs: null,
    cause: null,
    code: null,
  };
}
