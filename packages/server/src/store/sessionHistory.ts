import { sql, type Kysely, type RawBuilder, type Selectable } from 'kysely';
import { RowStatement } from './rowStatement.js';
import type { Database, SessionTable } from './schema.js';

/** One session, live (`endedAt` null) or ended; or a request that got none. */
export interface SessionRecord {
  /** UUIDv7, the same in logs and API. */
  readonly uuid: string;
  /** May name a client that was deleted. */
  readonly clientUuid: string;
  readonly clientSlug: string;
  readonly instance: string;
  readonly remoteAddress: string;
  /** Assigned addresses, canonical text. */
  readonly addresses: readonly string[];
  /** UTC milliseconds. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** Why it ended: a `SessionCloseCause` of the engine or a reason of our own; null while live, and when refused. */
  readonly cause: string | null;
  /** HTTP/3 error code, if one was involved. */
  readonly code: number | null;
  /** Inner packets from the client (`in`) and to it (`out`). */
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
  /** Why the request got no tunnel; null: it did. */
  readonly refusal: string | null;
  /** Which of the servers on this database; null: from before there were several. */
  readonly server: string | null;
}

export type SessionOpening = Pick<
  SessionRecord,
  'uuid' | 'clientUuid' | 'clientSlug' | 'instance' | 'remoteAddress' | 'addresses' | 'startedAt'
> & { readonly server?: string };

export type SessionEnding = Pick<
  SessionRecord,
  'code' | 'bytesIn' | 'bytesOut' | 'packetsIn' | 'packetsOut'
> & { readonly endedAt: number; readonly cause: string };

export type SessionRefusal = Pick<
  SessionRecord,
  'uuid' | 'clientUuid' | 'clientSlug' | 'remoteAddress' | 'startedAt'
> & { readonly refusal: string; readonly server?: string };

/** What there is to record of one session; all of it may come at once. */
export interface SessionNote {
  readonly opening?: SessionOpening;
  readonly refusal?: SessionRefusal;
  readonly ending?: SessionEnding;
}

/** Which sessions; what is absent does not matter. */
export interface SessionQuery {
  readonly clientUuid?: string;
  /** Also of clients that were deleted. */
  readonly clientSlug?: string;
  /** Cause of the end, or code of the refusal. */
  readonly cause?: string;
  /** `open`: not ended as far as the database knows. */
  readonly state?: 'open' | 'ended' | 'refused';
  /** Started at this time or later; before this time. UTC milliseconds. */
  readonly from?: number;
  readonly until?: number;
  /** The uuid of the last of the page before. */
  readonly before?: string;
  /** Default: 100. */
  readonly limit?: number;
}

/** What sessions there were. */
export class SessionHistory {
  readonly #database: Kysely<Database>;
  readonly #inserting = inserting();
  readonly #ending = ending();

  constructor(database: Kysely<Database>) {
    this.#database = database;
  }

  /** Records that a session opened. */
  async open(session: SessionOpening): Promise<void> {
    await this.record([[session.uuid, { opening: session }]]);
  }

  /** Records a request that got no tunnel. */
  async refuse(request: SessionRefusal): Promise<void> {
    await this.record([[request.uuid, { refusal: request }]]);
  }

  /** Records how it ended; one that was never opened, or was closed already, is ignored. */
  async close(uuid: string, ending: SessionEnding): Promise<void> {
    await this.record([[uuid, { ending }]]);
  }

  /**
   * All of that for several sessions, by uuid: one statement for those that are new and one for those that ended, which
   * do not depend on each other. What was recorded before stays as it is.
   */
  async record(notes: readonly (readonly [uuid: string, note: SessionNote])[]): Promise<void> {
    const rows = notes.flatMap(([, { opening, refusal, ending }]) => {
      if (refusal !== undefined) return [refusedRow(refusal)];
      return opening === undefined ? [] : [{ ...openedRow(opening), ...(ending && endColumns(ending)) }];
    });
    const endings = notes.flatMap(([uuid, { opening, ending }]) =>
      opening === undefined && ending !== undefined ? [{ uuid, ending }] : [],
    );
    // Asked for together they share a commit.
    await Promise.all([this.#insert(rows), this.#end(endings)]);
  }

  async #insert(rows: readonly SessionRow[]): Promise<void> {
    if (rows.length > 0) await this.#inserting.execute(this.#database, rows);
  }

  async #end(endings: readonly { readonly uuid: string; readonly ending: SessionEnding }[]): Promise<void> {
    if (endings.length === 0) return;
    const rows = endings.map(({ uuid, ending }) => ({ uuid, ...endColumns(ending) }));
    await this.#ending.execute(this.#database, rows);
  }

  /**
   * At start: sessions that a crash of this server left open are closed with `cause`; returns how many there were.
   *
   * @param server null: of every server there may be
   */
  async closeAbandoned(now: number, cause: string, server: string | null = null): Promise<number> {
    let update = this.#database
      .updateTable('sessions')
      .set({ ended_at: Math.trunc(now), cause })
      .where('ended_at', 'is', null);
    if (server !== null) {
      update = update.where((expression) =>
        expression.or([expression('server', '=', server), expression('server', 'is', null)]),
      );
    }
    return Number((await update.executeTakeFirst()).numUpdatedRows);
  }

  /** Newest first. */
  async list(query: SessionQuery = {}): Promise<readonly SessionRecord[]> {
    let select = this.#database.selectFrom('sessions').selectAll();
    const { clientUuid, clientSlug, cause, state, from, until, before } = query;
    if (clientUuid !== undefined) select = select.where('client_uuid', '=', clientUuid);
    if (clientSlug !== undefined) select = select.where('client_slug', '=', clientSlug);
    if (cause !== undefined) {
      select = select.where((expression) =>
        expression.or([expression('cause', '=', cause), expression('refusal', '=', cause)]),
      );
    }
    if (state === 'open') select = select.where('ended_at', 'is', null);
    if (state === 'ended') select = select.where('ended_at', 'is not', null).where('refusal', 'is', null);
    if (state === 'refused') select = select.where('refusal', 'is not', null);
    if (from !== undefined) select = select.where('uuid', '>=', firstUuidOf(from));
    if (until !== undefined) select = select.where('uuid', '<', firstUuidOf(until));
    // UUIDv7 sorts by time.
    if (before !== undefined) select = select.where('uuid', '<', before);
    const rows = await select
      .orderBy('uuid', 'desc')
      .limit(query.limit ?? 100)
      .execute();
    return rows.map(toSessionRecord);
  }

  async find(uuid: string): Promise<SessionRecord | null> {
    const row = await this.#database
      .selectFrom('sessions')
      .selectAll()
      .where('uuid', '=', uuid)
      .executeTakeFirst();
    return row === undefined ? null : toSessionRecord(row);
  }

  /** Those of these that are in the history, in no order. */
  async findAll(uuids: readonly string[]): Promise<readonly SessionRecord[]> {
    if (uuids.length === 0) return [];
    const rows = await this.#database.selectFrom('sessions').selectAll().where('uuid', 'in', uuids).execute();
    return rows.map(toSessionRecord);
  }

  /** All open sessions of the other servers on this database, in no order. */
  async openElsewhere(server: string): Promise<readonly SessionRecord[]> {
    const rows = await this.#database
      .selectFrom('sessions')
      .selectAll()
      .where('ended_at', 'is', null)
      .where('server', '!=', server)
      .execute();
    return rows.map(toSessionRecord);
  }

  /** Client (uuid) → start of its last session, UTC milliseconds; refused requests do not count. */
  async lastStarts(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#database
      .selectFrom('sessions')
      .select(({ fn }) => ['client_uuid', fn.max('started_at').as('last')])
      .where('refusal', 'is', null)
      .groupBy('client_uuid')
      .execute();
    return new Map(rows.map(({ client_uuid: uuid, last }) => [uuid, last]));
  }

  /** Deletes sessions that ended before `endedBefore`; returns how many. */
  async prune(endedBefore: number): Promise<number> {
    const result = await this.#database
      .deleteFrom('sessions')
      .where('ended_at', '<', Math.trunc(endedBefore))
      .executeTakeFirst();
    return Number(result.numDeletedRows);
  }
}

type SessionRow = Selectable<SessionTable>;
type EndRow = Pick<SessionRow, 'uuid' | (typeof endColumnNames)[number]>;

const endColumnNames = [
  'ended_at',
  'cause',
  'code',
  'bytes_in',
  'bytes_out',
  'packets_in',
  'packets_out',
] as const satisfies readonly (keyof SessionRow)[];

const columns = [
  'uuid',
  'client_uuid',
  'client_slug',
  'instance',
  'remote_address',
  'addresses',
  'started_at',
  'refusal',
  'server',
  ...endColumnNames,
] as const satisfies readonly (keyof SessionRow)[];

/** Sorts before every UUIDv7 of this millisecond and after those of the one before. */
function firstUuidOf(time: number): string {
  const hex = Math.max(0, Math.trunc(time)).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-`;
}

function openedRow(session: SessionOpening): SessionRow {
  return {
    ...rowOf(session),
    instance: session.instance,
    addresses: session.addresses.join(' '),
    ended_at: null,
    refusal: null,
  };
}

function refusedRow(request: SessionRefusal): SessionRow {
  return {
    ...rowOf(request),
    instance: '',
    addresses: '',
    ended_at: Math.trunc(request.startedAt),
    refusal: request.refusal,
  };
}

function inserting(): RowStatement<SessionRow> {
  return new RowStatement(columns, (database, rows) =>
    database
      .insertInto('sessions')
      .values(rows)
      .onConflict((conflict) => conflict.column('uuid').doNothing())
      .compile(),
  );
}

/** With the types of values that PostgreSQL does not guess. */
function ending(): RowStatement<EndRow> {
  return new RowStatement(['uuid', ...endColumnNames], (database, rows) =>
    sql`
      update sessions set
        ended_at = ending.column2, cause = ending.column3, code = ending.column4, bytes_in = ending.column5,
        bytes_out = ending.column6, packets_in = ending.column7, packets_out = ending.column8
      from (values ${sql.join(rows.map(endTuple))}) as ending
      where sessions.uuid = ending.column1 and sessions.ended_at is null`.compile(database),
  );
}

function endTuple(row: EndRow): RawBuilder<unknown> {
  const numbers = [row.bytes_in, row.bytes_out, row.packets_in, row.packets_out];
  return sql`(cast(${row.uuid} as text), cast(${row.ended_at} as bigint), cast(${row.cause} as text),
    cast(${row.code} as bigint), ${sql.join(numbers.map((count) => sql`cast(${count} as bigint)`))})`;
}

function endColumns(end: SessionEnding): Omit<EndRow, 'uuid'> {
  return {
    ended_at: Math.trunc(end.endedAt),
    cause: end.cause,
    code: end.code,
    bytes_in: end.bytesIn,
    bytes_out: end.bytesOut,
    packets_in: end.packetsIn,
    packets_out: end.packetsOut,
  };
}

function rowOf(
  session: SessionRefusal | SessionOpening,
): Omit<SessionRow, 'instance' | 'addresses' | 'ended_at' | 'refusal'> {
  return {
    uuid: session.uuid,
    client_uuid: session.clientUuid,
    client_slug: session.clientSlug,
    remote_address: session.remoteAddress,
    started_at: Math.trunc(session.startedAt),
    cause: null,
    code: null,
    bytes_in: 0,
    bytes_out: 0,
    packets_in: 0,
    packets_out: 0,
    server: session.server ?? null,
  };
}

function toSessionRecord(row: SessionRow): SessionRecord {
  return {
    uuid: row.uuid,
    clientUuid: row.client_uuid,
    clientSlug: row.client_slug,
    instance: row.instance,
    remoteAddress: row.remote_address,
    addresses: row.addresses === '' ? [] : row.addresses.split(' '),
    startedAt: row.started_at,
    endedAt: row.ended_at,
    cause: row.cause,
    code: row.code,
    bytesIn: row.bytes_in,
    bytesOut: row.bytes_out,
    packetsIn: row.packets_in,
    packetsOut: row.packets_out,
    refusal: row.refusal,
    server: row.server,
  };
}
