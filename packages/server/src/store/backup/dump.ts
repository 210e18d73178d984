import { createHash } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import { readVersion } from '../migrations.js';
import type { Database } from '../schema.js';
import { backupFormat, type BackupHeader, type BackupLine } from './dumpLines.js';
import { backedUpTables, existingTables, type BackedUpTable } from './tables.js';

const ROWS_PER_PAGE = 1_000;

export interface DumpOptions {
  /** UTC milliseconds. */
  readonly now: number;
  /** Of this program. */
  readonly version: string;
  readonly database: 'sqlite' | 'postgres';
}

/**
 * Everything in the database as lines of JSON: a header, for each table its name and columns and then its rows, and an
 * end with the number of rows and the SHA-256 of all lines before it.
 *
 * @param database a snapshot that does not change meanwhile
 */
export async function* dump(database: Kysely<Database>, options: DumpOptions): AsyncGenerator<string> {
  const sha256 = createHash('sha256');
  let rows = 0;
  const line = (content: BackupLine): string => {
    const text = `${JSON.stringify(content)}\n`;
    sha256.update(text);
    return text;
  };
  const header: BackupHeader = {
    format: backupFormat,
    formatVersion: 1,
    schemaVersion: await readVersion(database),
    createdAt: options.now,
    program: options.version,
    database: options.database,
  };
  yield line(header);
  const existing = await existingTables(database);
  for (const table of backedUpTables.filter(({ name }) => existing.has(name))) {
    let isFirst = true;
    for await (const page of pages(database, table)) {
      const [first] = page;
      if (first === undefined) break;
      const columns = Object.keys(first);
      let text = isFirst ? line({ table: table.name, columns }) : '';
      isFirst = false;
      for (const row of page) text += line(columns.map((column) => row[column] ?? null));
      rows += page.length;
      yield text;
    }
  }
  yield `${JSON.stringify({ end: true, rows, sha256: sha256.digest('hex') })}\n`;
}

type Row = Readonly<Record<string, string | number | null>>;

async function* pages(
  database: Kysely<Database>,
  { name, key }: BackedUpTable,
): AsyncGenerator<readonly Row[]> {
  const keys = sql.join(key.map((column) => sql.ref(column)));
  let after = sql``;
  for (;;) {
    const { rows } =
      await sql<Row>`select * from ${sql.table(name)} ${after} order by ${keys} limit ${sql.lit(
        ROWS_PER_PAGE,
      )}`.execute(database);
    yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < ROWS_PER_PAGE) return;
    after = sql`where (${keys}) > (${sql.join(key.map((column) => last[column]))})`;
  }
}
