import type { Kysely, Selectable, Transaction } from 'kysely';
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

/** Rows per statement: 7 parameters each, well below every database's limit of parameters. */
const ROWS_PER_INSERT = 128;

/** Who holds which address, or held it last. */
export class LeaseRepository {
  readonly #database: Kysely<Database>;

  constructor(database: Kysely<Database>) {
    this.#database = database;
  }

  /** Every lease whose client still exists, least recently used first; the others are deleted. */
  async load(): Promise<readonly LeaseRecord[]> {
    await this.#database
      .deleteFrom('leases')
      .where('client_uuid', 'not in', (expression) => expression.selectFrom('clients').select('uuid'))
      .execute();
    const rows = await this.#database.selectFrom('leases').selectAll().orderBy('last_used_at').execute();
    return rows.map(toLeaseRecord);
  }

  /** Puts and removes in one transaction. */
  async apply(change: {
    readonly put: readonly LeaseRecord[];
    readonly remove: readonly LeaseKey[];
  }): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      for (const { family, address } of change.remove) {
        await transaction
          .deleteFrom('leases')
          .where('family', '=', family)
          .where('address', '=', address)
          .execute();
      }
      for (let start = 0; start < change.put.length; start += ROWS_PER_INSERT) {
        await put(transaction, change.put.slice(start, start + ROWS_PER_INSERT));
      }
    });
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

async function put(transaction: Transaction<Database>, records: readonly LeaseRecord[]): Promise<void> {
  await transaction
    .insertInto('leases')
    .values(records.map(toRow))
    .onConflict((conflict) =>
      conflict.columns(['family', 'address']).doUpdateSet((expression) => ({
        client_uuid: expression.ref('excluded.client_uuid'),
        instance: expression.ref('excluded.instance'),
        last_used_at: expression.ref('excluded.last_used_at'),
        released_at: expression.ref('excluded.released_at'),
        quarantined_until: expression.ref('excluded.quarantined_until'),
      })),
    )
    .execute();
}

function toRow(record: LeaseRecord): Selectable<LeaseTable> {
  return {
    family: record.family,
    address: record.address,
    client_uuid: record.clientUuid,
    instance: record.instance,
    last_used_at: Math.trunc(record.lastUsedAt),
    released_at: record.releasedAt === null ? null : Math.trunc(record.releasedAt),
    quarantined_until: record.quarantinedUntil === null ? null : Math.trunc(record.quarantinedUntil),
  };
}

function toLeaseRecord(row: Selectable<LeaseTable>): LeaseRecord {
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
