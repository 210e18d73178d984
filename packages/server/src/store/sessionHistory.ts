import type { Kysely, Selectable } from 'kysely';
import type { Database, SessionTable } from './schema.js';

/** One session, live (`endedAt` null) or ended. */
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
  /** Why it ended: a `SessionCloseCause` of the engine or a reason of our own; null while live. */
  readonly cause: string | null;
  /** HTTP/3 error code, if one was involved. */
  readonly code: number | null;
  /** Inner packets from the client (`in`) and to it (`out`). */
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
}

export type SessionOpening = Pick<
  SessionRecord,
  'uuid' | 'clientUuid' | 'clientSlug' | 'instance' | 'remoteAddress' | 'addresses' | 'startedAt'
>;

export type SessionEnding = Pick<
  SessionRecord,
  'code' | 'bytesIn' | 'bytesOut' | 'packetsIn' | 'packetsOut'
> & { readonly endedAt: number; readonly cause: string };

/** What sessions there were. */
export class SessionHistory {
  readonly #database: Kysely<Database>;

  constructor(database: Kysely<Database>) {
    this.#database = database;
  }

  /** Records that a session opened. */
  async open(session: SessionOpening): Promise<void> {
    await this.#database
      .insertInto('sessions')
      .values({
        uuid: session.uuid,
        client_uuid: session.clientUuid,
        client_slug: session.clientSlug,
        instance: session.instance,
        remote_address: session.remoteAddress,
        addresses: session.addresses.join(' '),
        started_at: Math.trunc(session.startedAt),
        ended_at: null,
        cause: null,
        code: null,
        bytes_in: 0,
        bytes_out: 0,
        packets_in: 0,
        packets_out: 0,
      })
      .execute();
  }

  /** Records how it ended; one that was never opened, or was closed already, is ignored. */
  async close(uuid: string, ending: SessionEnding): Promise<void> {
    await this.#database
      .updateTable('sessions')
      .set({
        ended_at: Math.trunc(ending.endedAt),
        cause: ending.cause,
        code: ending.code,
        bytes_in: ending.bytesIn,
        bytes_out: ending.bytesOut,
        packets_in: ending.packetsIn,
        packets_out: ending.packetsOut,
      })
      .where('uuid', '=', uuid)
      .where('ended_at', 'is', null)
      .execute();
  }

  /** At start: sessions a crash left open are closed with `cause`; returns how many there were. */
  async closeAbandoned(now: number, cause: string): Promise<number> {
    const result = await this.#database
      .updateTable('sessions')
      .set({ ended_at: Math.trunc(now), cause })
      .where('ended_at', 'is', null)
      .executeTakeFirst();
    return Number(result.numUpdatedRows);
  }

  /** Newest first, 100 by default. `before` is the uuid of the last of the page before. */
  async list(
    query: { readonly clientUuid?: string; readonly before?: string; readonly limit?: number } = {},
  ): Promise<readonly SessionRecord[]> {
    let select = this.#database.selectFrom('sessions').selectAll();
    if (query.clientUuid !== undefined) select = select.where('client_uuid', '=', query.clientUuid);
    // UUIDv7 sorts by time.
    if (query.before !== undefined) select = select.where('uuid', '<', query.before);
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

  /** Deletes sessions that ended before `endedBefore`; returns how many. */
  async prune(endedBefore: number): Promise<number> {
    const result = await this.#database
      .deleteFrom('sessions')
      .where('ended_at', '<', Math.trunc(endedBefore))
      .executeTakeFirst();
    return Number(result.numDeletedRows);
  }
}

function toSessionRecord(row: Selectable<SessionTable>): SessionRecord {
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
  };
}
