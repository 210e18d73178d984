import type { ExpressionBuilder, ExpressionWrapper, Kysely, Selectable, SqlBool, Transaction } from 'kysely';
import { RowStatement } from './rowStatement.js';
import type { Database, LeaseTable } from './schema.js';

/** The last holder of one address. */
export interface LeaseRecord extends LeaseKey {
  readonly clientUuid: string;
  /** Instance id of the client's software; empty when it sent none. */
  readonly instance: string;
  /** UTC milliseconds, as those below. */
  readonly lastUsedAt: number;
  /** Null while leased. */
  readonly releasedAt: number | null;
  readonly quarantinedUntil: number | null;
}

export interface LeaseKey {
  readonly family: 4 | 6;
  /** Canonical text (RFC 5952). */
  readonly address: string;
}

export interface LeaseChange {
  readonly put: readonly LeaseRecord[];
  readonly remove: readonly LeaseKey[];
}

/** Leases as one server sees them; see {@link LeaseRepository}. */
export interface LeasesOfServer {
  load(): Promise<readonly LeaseRecord[]>;
  /** Addresses that are in use on other servers. */
  elsewhere(): Promise<readonly LeaseKey[]>;
  apply(change: LeaseChange): Promise<readonly LeaseKey[]>;
}

/**
 * The leases as one of several servers on a database sees them.
 *
 * @param server its id; null: it is the only one
 */
export function leasesOf(
  leases: Pick<LeaseRepository, keyof LeasesOfServer>,
  server: string | null,
): LeasesOfServer {
  return {
    load: () => leases.load(server),
    elsewhere: () => leases.elsewhere(server),
    apply: (change) => leases.apply(change, server),
  };
}

/** Rows per statement: 8 parameters each, well below every database's limit of parameters. */
const ROWS_PER_INSERT = 128;

/** Who holds which address, or held it last. */
export class LeaseRepository {
  readonly #database: Kysely<Database>;
  readonly #put = putting(false);
  readonly #putShared = putting(true);

  constructor(database: Kysely<Database>) {
    this.#database = database;
  }

  /**
   * Every lease whose client still exists, least recently used first, but those that are in use on other servers. Those
   * without a client are deleted.
   */
  async load(server: string | null = null): Promise<readonly LeaseRecord[]> {
    await this.#database
      .deleteFrom('leases')
      .where('client_uuid', 'not in', (expression) => expression.selectFrom('clients').select('uuid'))
      .execute();
    let select = this.#database.selectFrom('leases').selectAll();
    if (server !== null) select = select.where((expression) => expression.not(inUseElsewhere(server)));
    const rows = await select.orderBy('last_used_at').execute();
    return rows.map(toLeaseRecord);
  }

  /**
   * Puts and removes in one transaction, and returns what could not be put: an address that is in use on another
   * server, or in quarantine for another client there.
   */
  async apply(change: LeaseChange, server: string | null = null): Promise<readonly LeaseKey[]> {
    // Two servers that write the same rows in different orders would wait for each other.
    const records = change.put.toSorted(byKey);
    const keys = change.remove.toSorted(byKey);
    // One statement is a transaction by itself.
    if (keys.length === 0 && records.length <= ROWS_PER_INSERT)
      return this.#write(this.#database, records, server);
    return this.#database.transaction().execute(async (transaction) => {
      for (const key of keys) await remove(transaction, key, server);
      const refused: LeaseKey[] = [];
      for (let start = 0; start < records.length; start += ROWS_PER_INSERT) {
        refused.push(
          ...(await this.#write(transaction, records.slice(start, start + ROWS_PER_INSERT), server)),
        );
      }
      return refused;
    });
  }

  /** Addresses that are in use on other servers. */
  async elsewhere(server: string | null = null): Promise<readonly LeaseKey[]> {
    if (server === null) return [];
    const rows = await this.#database
      .selectFrom('leases')
      .select(['family', 'address'])
      .where(inUseElsewhere(server))
      .execute();
    return rows.map(toKey);
  }

  /** Releases what a server has in use; its addresses rest for nobody. Returns how many there were. */
  async releaseAll(server: string, now: number): Promise<number> {
    const result = await this.#database
      .updateTable('leases')
      .set({ released_at: Math.trunc(now) })
      .where('server', '=', server)
      .where('released_at', 'is', null)
      .executeTakeFirst();
    return Number(result.numUpdatedRows);
  }

  /** Returns the keys of those that another server keeps. */
  async #write(
    database: Kysely<Database>,
    records: readonly LeaseRecord[],
    server: string | null,
  ): Promise<readonly LeaseKey[]> {
    if (records.length === 0) return [];
    const statement = server === null ? this.#put : this.#putShared;
    const written = await statement.execute(
      database,
      records.map((record) => toRow(record, server)),
    );
    const kept = new Set(written.map(({ family, address }) => `${family} ${address}`));
    return records.filter(({ family, address }) => !kept.has(`${family} ${address}`)).map(keyOf);
  }

  /** What a client holds or held last, most recent first. */
  async listByClient(clientUuid: string): Promise<readonly LeaseRecord[]> {
    const rows = await this.#database
      .selectFrom('leases')
      .selectAll()
      .where('client_uuid', '=', clientUuid)
      .orderBy('last_used_at', 'desc')
      .orderBy('family')
      .execute();
    return rows.map(toLeaseRecord);
  }
}

const inUseElsewhere =
  (server: string) =>
  (expression: ExpressionBuilder<Database, 'leases'>): ExpressionWrapper<Database, 'leases', SqlBool> =>
    expression.and([
      // Without it the negation would be unknown instead of true.
      expression('server', 'is not', null),
      expression('server', '!=', server),
      expression('released_at', 'is', null),
    ]);

type LeaseRow = Selectable<LeaseTable>;

const columns = [
  'family',
  'address',
  'client_uuid',
  'instance',
  'last_used_at',
  'released_at',
  'quarantined_until',
  'server',
] as const satisfies readonly (keyof LeaseRow)[];

/**
 * @param shared what another server has in use, or in quarantine for another client, stays as it is
 */
function putting(shared: boolean): RowStatement<LeaseRow, Pick<LeaseRow, 'family' | 'address'>> {
  return new RowStatement(columns, (database, rows) =>
    database
      .insertInto('leases')
      .values(rows)
      .onConflict((conflict) => {
        const update = conflict.columns(['family', 'address']).doUpdateSet((expression) => ({
          client_uuid: expression.ref('excluded.client_uuid'),
          instance: expression.ref('excluded.instance'),
          last_used_at: expression.ref('excluded.last_used_at'),
          released_at: expression.ref('excluded.released_at'),
          quarantined_until: expression.ref('excluded.quarantined_until'),
          server: expression.ref('excluded.server'),
        }));
        if (!shared) return update;
        return update.where((expression) =>
          expression.or([
            expression('leases.server', 'is', null),
            expression('leases.server', '=', expression.ref('excluded.server')),
            expression.and([
              expression('leases.released_at', 'is not', null),
              expression.or([
                expression('leases.quarantined_until', 'is', null),
                expression('leases.quarantined_until', '<=', expression.ref('excluded.last_used_at')),
                expression('leases.client_uuid', '=', expression.ref('excluded.client_uuid')),
              ]),
            ]),
          ]),
        );
      })
      .returning(['family', 'address'])
      .compile(),
  );
}

async function remove(
  transaction: Transaction<Database>,
  { family, address }: LeaseKey,
  server: string | null,
): Promise<void> {
  let statement = transaction
    .deleteFrom('leases')
    .where('family', '=', family)
    .where('address', '=', address);
  if (server !== null) {
    statement = statement.where((expression) =>
      expression.or([expression('server', 'is', null), expression('server', '=', server)]),
    );
  }
  await statement.execute();
}

function byKey(a: LeaseKey, b: LeaseKey): number {
  return a.family - b.family || (a.address < b.address ? -1 : Number(a.address > b.address));
}

function keyOf({ family, address }: LeaseKey): LeaseKey {
  return { family, address };
}

function toKey({ family, address }: { readonly family: number; readonly address: string }): LeaseKey {
  return { family: family === 4 ? 4 : 6, address };
}

function toRow(record: LeaseRecord, server: string | null): LeaseRow {
  return {
    family: record.family,
    address: record.address,
    client_uuid: record.clientUuid,
    instance: record.instance,
    last_used_at: Math.trunc(record.lastUsedAt),
    released_at: record.releasedAt === null ? null : Math.trunc(record.releasedAt),
    quarantined_until: record.quarantinedUntil === null ? null : Math.trunc(record.quarantinedUntil),
    server,
  };
}

function toLeaseRecord(row: LeaseRow): LeaseRecord {
  return {
    family: row.family === 4 ? 4 : 6,
    address: row.address,
    clientUuid: row.client_uuid,
    instance: row.instance,
    lastUsedAt: row.last_used_at,
    releasedAt: row.released_at,
    quarantinedUntil: row.quarantined_until,
  };
}
