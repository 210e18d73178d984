import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteThreadDialect } from './sqliteDialect.js';
import { SqliteThread } from './sqliteThread.js';
import type { StoreError } from './storeError.js';
import { TransactionScope } from './transactionScope.js';

interface Tables {
  numbers: { n: number; text: string | null };
}

describe('the SQLite thread', () => {
  let directory = '';
  let database: Kysely<Tables>;
  let events: string[] = [];
  let timed: string[] = [];

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'masque-vpn-dialect-'));
    const file = join(directory, 'test.sqlite');
    const thread = await SqliteThread.open(file, 1);
    events = [];
    timed = [];
    const observer = {
      wrote: () => events.push('wrote'),
      failed: (error: StoreError) => events.push(error.code),
      answered: (operation: string) => timed.push(operation),
    };
    const dialect = new SqliteThreadDialect(thread, file, observer, new TransactionScope());
    database = new Kysely<Tables>({ dialect });
    await sql`CREATE TABLE numbers (n INTEGER PRIMARY KEY, text TEXT)`.execute(database);
  });

  afterEach(async () => {
    await database.destroy();
    rmSync(directory, { recursive: true });
  });

  const insert = (n: number): Promise<unknown> =>
    database.insertInto('numbers').values({ n, text: null }).execute();
  const stored = async (): Promise<number[]> =>
    (await database.selectFrom('numbers').select('n').orderBy('n').execute()).map(({ n }) => n);

  async function pragma(name: string): Promise<unknown> {
    const { rows } = await sql<Record<string, unknown>>`PRAGMA ${sql.raw(name)}`.execute(database);
    return Object.values(rows[0] ?? {})[0];
  }
  it('keeps acknowledged commits through a power cut: WAL, synchronous FULL, foreign keys on', async () => {
    expect(await pragma('journal_mode')).toBe('wal');
    expect(await pragma('synchronous')).toBe(2);
    expect(await pragma('foreign_keys')).toBe(1);
  });

  it('tells how long each statement took, reads apart from writes', async () => {
    timed = [];
    await insert(1);
    await stored();
    await database
      .transaction()
      .execute((inside) => inside.insertInto('numbers').values({ n: 2, text: null }).execute());
    expect(timed.slice(0, 2)).toEqual(['write', 'read']);
    expect(timed.slice(2)).toContain('write');
  });

  it('runs many writes of one tick, each failing alone', async () => {
    await insert(7);
    const results = await Promise.allSettled([1, 2, 7, 3].map(insert));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(await stored()).toEqual([1, 2, 3, 7]);
  });

  it('answers in order: a read sees the writes before it', async () => {
    const write = insert(1);
    const read = stored();
    await write;
    expect(await read).toEqual([1]);
  });

  it('rolls a failed transaction back as a whole', async () => {
    const failing = database.transaction().execute(async (transaction) => {
      await transaction.insertInto('numbers').values({ n: 1, text: null }).execute();
      await transaction.insertInto('numbers').values({ n: 1, text: null }).execute();
    });
    await expect(failing).rejects.toMatchObject({ code: 'STORE_QUERY_FAILED' });
    expect(await stored()).toEqual([]);
  });

  it('keeps statements and other transactions out of a transaction', async () => {
    const order: string[] = [];
    const transact = (name: string, n: number): Promise<void> =>
      database.transaction().execute(async (transaction) => {
        order.push(`${name} begins`);
        await transaction.insertInto('numbers').values({ n, text: null }).execute();
        await transaction.selectFrom('numbers').selectAll().execute();
        order.push(`${name} ends`);
      });
    await Promise.all([
      transact('first', 1),
      insert(2).then(() => order.push('statement')),
      transact('second', 3),
    ]);
    expect(order).toEqual(['first begins', 'first ends', 'statement', 'second begins', 'second ends']);
  });

  it('counts changed rows', async () => {
    await insert(1);
    await insert(2);
    const result = await database.updateTable('numbers').set({ text: 'x' }).executeTakeFirst();
    expect(result.numUpdatedRows).toBe(2n);
  });

  it('refuses queries beyond its queue with STORE_BUSY, and recovers', async () => {
    const results = await Promise.allSettled(Array.from({ length: 5_000 }, (_, n) => insert(n)));
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every((result) => (result.reason as { code: string }).code === 'STORE_BUSY')).toBe(true);
    expect(await stored()).toHaveLength(5_000 - refused.length);
    await expect(insert(10_000)).resolves.toBeDefined();
  });

  it('says STORE_FULL when the disk is full, harms nothing stored, and goes on when there is space', async () => {
    await insert(1);
    const pages = await pragma('page_count');
    await pragma(`max_page_count = ${String(pages)}`);
    const big = (n: number): Promise<unknown> =>
      database
        .insertInto('numbers')
        .values({ n, text: 'x'.repeat(20_000) })
        .execute();
    await expect(big(2)).rejects.toMatchObject({ code: 'STORE_FULL' });
    await expect(
      database.transaction().execute((transaction) =>
        transaction
          .insertInto('numbers')
          .values({ n: 3, text: 'x'.repeat(20_000) })
          .execute(),
      ),
    ).rejects.toMatchObject({ code: 'STORE_FULL' });
    const grouped = await Promise.allSettled([big(4), big(5)]);
    expect(grouped.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(events.slice(-4)).toEqual(['STORE_FULL', 'STORE_FULL', 'STORE_FULL', 'STORE_FULL']);
    expect(await stored()).toEqual([1]);
    await pragma('max_page_count = 1000000');
    await big(6);
    expect(events.at(-1)).toBe('wrote');
    expect(await stored()).toEqual([1, 6]);
  });

  it('tells of a write in a transaction only when it was committed', async () => {
    events = [];
    timed = [];
    await database.transaction().execute(async (transaction) => {
      await transaction.insertInto('numbers').values({ n: 1, text: null }).execute();
      expect(events).toEqual([]);
    });
    expect(events).toEqual(['wrote']);
    await stored();
    expect(events).toEqual(['wrote']);
  });
});
