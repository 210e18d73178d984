import type { Kysely, Selectable } from 'kysely';
import { nextRuleNumber } from './counters.js';
import type { ClientPrefixTable, Database, PortForwardTable } from './schema.js';
import { uuidV7 } from './uuid.js';

/** What a port forward says. */
export interface PortForwardContent {
  readonly enabled: boolean;
  /** 6 (TCP) or 17 (UDP). */
  readonly protocol: 6 | 17;
  /** Port of the server's public addresses. */
  readonly publicPort: number;
  readonly clientUuid: string;
  readonly clientPort: number;
  /** Prefixes that may use it; empty: everybody. */
  readonly sources: readonly string[];
  readonly note: string | null;
}

/** A port of the server that leads to a client. */
export interface PortForwardRecord extends PortForwardContent {
  /** UUIDv7. */
  readonly uuid: string;
  /** What the engine calls its rule; out of the same numbers as those of rules. */
  readonly number: number;
  /** UTC milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Counts changes: the entity tag. */
  readonly version: number;
}

/** A network behind a client (site to site). */
export interface ClientPrefixRecord {
  /** UUIDv7. */
  readonly uuid: string;
  readonly clientUuid: string;
  /** Canonical. */
  readonly prefix: string;
  /** UTC milliseconds. */
  readonly createdAt: number;
}

/** How clients are reached from outside: port forwards, and networks behind them. */
export class ReachRepository {
  readonly #database: Kysely<Database>;

  constructor(database: Kysely<Database>) {
    this.#database = database;
  }

  /** In order of public port. */
  async listForwards(): Promise<readonly PortForwardRecord[]> {
    const rows = await this.#database
      .selectFrom('port_forwards')
      .selectAll()
      .orderBy('public_port')
      .orderBy('protocol')
      .execute();
    return rows.map(toForwardRecord);
  }

  async findForward(uuid: string): Promise<PortForwardRecord | null> {
    const query = this.#database.selectFrom('port_forwards').selectAll().where('uuid', '=', uuid);
    const row = await query.executeTakeFirst();
    return row === undefined ? null : toForwardRecord(row);
  }

  /** Null when the public port is taken. */
  async insertForward(
    forward: PortForwardContent & { readonly now: number },
  ): Promise<PortForwardRecord | null> {
    const now = Math.trunc(forward.now);
    const row = await this.#database
      .insertInto('port_forwards')
      .values({
        uuid: uuidV7(now),
        number: await nextRuleNumber(this.#database),
        created_at: now,
        updated_at: now,
        version: 1,
        ...forwardColumns(forward),
      })
      .onConflict((conflict) => conflict.columns(['protocol', 'public_port']).doNothing())
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? null : toForwardRecord(row);
  }

  /** Null when there is no such forward of this version. A public port that is taken must be found out before. */
  async updateForward(
    uuid: string,
    forward: PortForwardContent,
    guard: { readonly version: number; readonly now: number },
  ): Promise<PortForwardRecord | null> {
    const row = await this.#database
      .updateTable('port_forwards')
      .set({
        ...forwardColumns(forward),
        updated_at: Math.trunc(guard.now),
        version: guard.version + 1,
      })
      .where('uuid', '=', uuid)
      .where('version', '=', guard.version)
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? null : toForwardRecord(row);
  }

  /** False when there was none. */
  async deleteForward(uuid: string): Promise<boolean> {
    const query = this.#database.deleteFrom('port_forwards').where('uuid', '=', uuid);
    return (await query.executeTakeFirst()).numDeletedRows > 0n;
  }

  /** In order of their making. */
  async listPrefixes(): Promise<readonly ClientPrefixRecord[]> {
    const rows = await this.#database.selectFrom('client_prefixes').selectAll().orderBy('uuid').execute();
    return rows.map(toPrefixRecord);
  }

  /** Null when somebody has exactly this prefix. */
  async insertPrefix(grant: {
    readonly clientUuid: string;
    readonly prefix: string;
    readonly now: number;
  }): Promise<ClientPrefixRecord | null> {
    const now = Math.trunc(grant.now);
    const row = await this.#database
      .insertInto('client_prefixes')
      .values({
        uuid: uuidV7(now),
        client_uuid: grant.clientUuid,
        prefix: grant.prefix,
        created_at: now,
      })
      .onConflict((conflict) => conflict.column('prefix').doNothing())
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? null : toPrefixRecord(row);
  }

  /** False when there was none. */
  async deletePrefix(uuid: string): Promise<boolean> {
    const query = this.#database.deleteFrom('client_prefixes').where('uuid', '=', uuid);
    return (await query.executeTakeFirst()).numDeletedRows > 0n;
  }
}

type ForwardColumns = Omit<
  Selectable<PortForwardTable>,
  'uuid' | 'number' | 'created_at' | 'updated_at' | 'version'
>;

function forwardColumns(forward: PortForwardContent): ForwardColumns {
  return {
    enabled: forward.enabled ? 1 : 0,
    protocol: forward.protocol,
    public_port: forward.publicPort,
    client_uuid: forward.clientUuid,
    client_port: forward.clientPort,
    sources: JSON.stringify(forward.sources),
    note: forward.note,
  };
}

function toForwardRecord(row: Selectable<PortForwardTable>): PortForwardRecord {
  return {
    uuid: row.uuid,
    number: row.number,
    enabled: row.enabled !== 0,
    protocol: row.protocol === 17 ? 17 : 6,
    publicPort: row.public_port,
    clientUuid: row.client_uuid,
    clientPort: row.client_port,
    sources: JSON.parse(row.sources) as readonly string[],
    note: row.note,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
  };
}

function toPrefixRecord(row: Selectable<ClientPrefixTable>): ClientPrefixRecord {
  return {
    uuid: row.uuid,
    clientUuid: row.client_uuid,
    prefix: row.prefix,
    createdAt: row.created_at,
  };
}
