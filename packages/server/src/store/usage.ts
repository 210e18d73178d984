import type { Kysely, Selectable } from 'kysely';
import { RowStatement } from './rowStatement.js';
import type { DailyUsageTable, Database } from './schema.js';

/** Inner traffic, as seen from the server: `in` comes from the client. */
export interface UsageAmount {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
  /** Sessions that began. */
  readonly sessions: number;
}

/** One client's traffic on one day, or what is to be added to it. */
export interface DailyUsage extends UsageAmount {
  readonly clientUuid: string;
  readonly clientSlug: string;
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
}

/** One client's traffic in one month. */
export interface MonthlyUsage extends UsageAmount {
  readonly clientSlug: string;
  /** `YYYY-MM`, UTC. */
  readonly month: string;
}

/** Additions that belong together: stored once, however often they are tried. */
export interface UsageBatch {
  /** Names whoever adds; one at a time. */
  readonly writer: string;
  /** Differs from the writer's batch before. */
  readonly id: string;
  readonly additions: readonly DailyUsage[];
}

/** Traffic by client and day. */
export class UsageRepository {
  readonly #database: Kysely<Database>;
  readonly #adding = adding();

  constructor(database: Kysely<Database>) {
    this.#database = database;
  }

  /**
   * Adds a batch; call it within a transaction. A batch that is there already changes nothing, so that one whose
   * commit was not acknowledged can be tried again.
   */
  async add({ writer, id, additions }: UsageBatch): Promise<void> {
    const key = `${writerKey}${writer}`;
    const last = await this.#database
      .selectFrom('settings')
      .select('value')
      .where('key', '=', key)
      .executeTakeFirst();
    if (last?.value === id) return;
    await this.#database
      .insertInto('settings')
      .values({ key, value: id })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: id }))
      .execute();
    for (let start = 0; start < additions.length; start += rowsPerInsert) {
      await this.#addRows(additions.slice(start, start + rowsPerInsert));
    }
  }

  /** A writer that comes no more, all its batches acknowledged. */
  async forgetWriter(writer: string): Promise<void> {
    await this.#database.deleteFrom('settings').where('key', '=', `${writerKey}${writer}`).execute();
  }

  /** A client's days from `first` to `last`, both included, in order. */
  async days(clientSlug: string, first: string, last: string): Promise<readonly DailyUsage[]> {
    const rows = await this.#database
      .selectFrom('usage_daily')
      .selectAll()
      .where('client_slug', '=', clientSlug)
      .where('day', '>=', first)
      .where('day', '<=', last)
      .orderBy('day')
      .execute();
    return rows.map(toDailyUsage);
  }

  /** Sums of one month (`YYYY-MM`) by client, in order of slug, after a slug. */
  async month(
    month: string,
    page: { readonly after?: string; readonly limit: number },
  ): Promise<readonly MonthlyUsage[]> {
    const rows = await this.#database
      .selectFrom('usage_daily')
      .select(({ fn }) => [
        'client_slug',
        fn.sum('bytes_in').as('bytes_in'),
        fn.sum('bytes_out').as('bytes_out'),
        fn.sum('packets_in').as('packets_in'),
        fn.sum('packets_out').as('packets_out'),
        fn.sum('sessions').as('sessions'),
      ])
      .where('day', '>=', `${month}-01`)
      .where('day', '<=', `${month}-31`)
      .where('client_slug', '>', page.after ?? '')
      .groupBy('client_slug')
      .orderBy('client_slug')
      .limit(page.limit)
      .execute();
    return rows.map((row) => ({
      clientSlug: row.client_slug,
      month,
      // Databases differ in the types of sums.
      bytesIn: Number(row.bytes_in),
      bytesOut: Number(row.bytes_out),
      packetsIn: Number(row.packets_in),
      packetsOut: Number(row.packets_out),
      sessions: Number(row.sessions),
    }));
  }

  /** Bytes of both directions in one month, by client uuid; of these clients, or of all. */
  async bytesOfMonth(
    month: string,
    clientUuids: readonly string[] | null = null,
  ): Promise<ReadonlyMap<string, number>> {
    if (clientUuids?.length === 0) return new Map();
    let query = this.#database
      .selectFrom('usage_daily')
      .select(({ fn }) => [
        'client_uuid',
        fn.sum('bytes_in').as('bytes_in'),
        fn.sum('bytes_out').as('bytes_out'),
      ])
      .where('day', '>=', `${month}-01`)
      .where('day', '<=', `${month}-31`)
      .groupBy('client_uuid');
    if (clientUuids !== null) query = query.where('client_uuid', 'in', clientUuids);
    const rows = await query.execute();
    return new Map(rows.map((row) => [row.client_uuid, Number(row.bytes_in) + Number(row.bytes_out)]));
  }

  async #addRows(additions: readonly DailyUsage[]): Promise<void> {
    await this.#adding.execute(this.#database, additions.map(toRow));
  }
}

const writerKey = 'usage.batch.';

/** 8 parameters each, well below every database's limit of parameters. */
const rowsPerInsert = 100;

type UsageRow = Selectable<DailyUsageTable>;

const columns = [
  'client_uuid',
  'client_slug',
  'day',
  'bytes_in',
  'bytes_out',
  'packets_in',
  'packets_out',
  'sessions',
] as const satisfies readonly (keyof UsageRow)[];

function adding(): RowStatement<UsageRow> {
  return new RowStatement(columns, (database, rows) =>
    database
      .insertInto('usage_daily')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['client_uuid', 'day']).doUpdateSet((expression) => ({
          client_slug: expression.ref('excluded.client_slug'),
          bytes_in: expression('usage_daily.bytes_in', '+', expression.ref('excluded.bytes_in')),
          bytes_out: expression('usage_daily.bytes_out', '+', expression.ref('excluded.bytes_out')),
          packets_in: expression('usage_daily.packets_in', '+', expression.ref('excluded.packets_in')),
          packets_out: expression('usage_daily.packets_out', '+', expression.ref('excluded.packets_out')),
          sessions: expression('usage_daily.sessions', '+', expression.ref('excluded.sessions')),
        })),
      )
      .compile(),
  );
}

function toRow(usage: DailyUsage): UsageRow {
  return {
    client_uuid: usage.clientUuid,
    client_slug: usage.clientSlug,
    day: usage.day,
    bytes_in: usage.bytesIn,
    bytes_out: usage.bytesOut,
    packets_in: usage.packetsIn,
    packets_out: usage.packetsOut,
    sessions: usage.sessions,
  };
}

function toDailyUsage(row: UsageRow): DailyUsage {
  return {
    clientUuid: row.client_uuid,
    clientSlug: row.client_slug,
    day: row.day,
    bytesIn: row.bytes_in,
    bytesOut: row.bytes_out,
    packetsIn: row.packets_in,
    packetsOut: row.packets_out,
    sessions: row.sessions,
  };
}
