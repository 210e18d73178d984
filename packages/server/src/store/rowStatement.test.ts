import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CompiledQuery, Kysely, Selectable } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrate } from './migrations.js';
import { silentObserver } from './queryObserver.js';
import { RowStatement } from './rowStatement.js';
import type { Database, SettingTable } from './schema.js';
import { connectSqlite } from './sqliteStore.js';

type Row = Selectable<SettingTable>;

describe('a statement about several rows', () => {
  let folder = '';
  let kysely: Kysely<Database>;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'masque-vpn-rows-'));
    ({ database: kysely } = await connectSqlite(join(folder, 'store.sqlite'), silentObserver));
    await migrate(kysely, 1);
  });
  afterEach(async () => {
    await kysely.destroy();
    await rm(folder, { recursive: true });
  });

  const inserting = (database: Kysely<Database>, rows: readonly Row[]): CompiledQuery<Row> =>
    database.insertInto('settings').values(rows).returningAll().compile();
  const numbered = (from: number, count: number): readonly Row[] =>
    Array.from({ length: count }, (_, index) => ({ key: `key ${from + index}`, value: `value ${index}` }));

  it('writes and returns each row, and is made once for each number of them', async () => {
    const made: number[] = [];
    const statement = new RowStatement<Row, Row>(['key', 'value'], (database, rows) => {
      made.push(rows.length);
      return inserting(database, rows);
    });
    const counts = [1, 3, 1, 3, 2];
    for (const [index, count] of counts.entries()) {
      const rows = numbered(100 * index, count);
      expect(await statement.execute(kysely, rows)).toEqual(rows);
    }
    expect(made).toEqual([1, 3, 2]);
    const stored = await kysely
      .selectFrom('settings')
      .select(({ fn }) => fn.countAll().as('n'))
      .execute();
    expect(stored).toEqual([{ n: 10 }]);
  });

  it('keeps no text for many rows', async () => {
    let made = 0;
    const statement = new RowStatement<Row, Row>(['key', 'value'], (database, rows) => {
      made++;
      return inserting(database, rows);
    });
    for (const from of [0, 100]) await statement.execute(kysely, numbered(from, 33));
    expect(made).toBe(2);
  });

  it.for<{ name: string; columns: readonly (keyof Row)[]; rows?: (rows: readonly Row[]) => readonly Row[] }>([
    {
      name: 'another order of columns',
      columns: ['value', 'key'],
      rows: (rows) => rows.map(({ key, value }) => ({ key, value })),
    },
    { name: 'another order of rows', columns: ['key', 'value'], rows: (rows) => rows.toReversed() },
    { name: 'a row less', columns: ['key', 'value'], rows: (rows) => rows.slice(1) },
    {
      name: 'a value of its own',
      columns: ['key', 'value'],
      rows: (rows) => rows.map(({ key }) => ({ key, value: 'fixed' })),
    },
  ])(
    'refuses one with $name: values would go elsewhere',
    async ({ columns, rows: change = (rows) => rows }) => {
      const statement = new RowStatement<Row, Row>(columns, (database, rows) =>
        inserting(database, change(rows)),
      );
      await expect(statement.execute(kysely, numbered(0, 2))).rejects.toThrow('of each row');
      expect(await kysely.selectFrom('settings').selectAll().execute()).toEqual([]);
    },
  );
});
