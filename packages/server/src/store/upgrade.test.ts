import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { openIdle } from './backup/maintenance.js';
import { migrateTo, schemaVersion } from './migrations.js';
import { openStore, type Store, type StoreLocation } from './store.js';
import { emptyDatabase } from './testing/temporaryStore.js';

/** What a program of version 1 wrote; a row per table at least. */
const version1 = [
  `insert into settings values ('nat', 'on')`,
  `insert into clients values ('c1', 'alice', 'Alice ☂', 1, 1000, null), ('c2', 'bob', 'bob', 0, 2000, 3000)`,
  `insert into certificates values
     ('aa', 'c1', '01', 1000, 9000, 1000, null), ('bb', 'c1', '02', 1000, 9000, 1500, 2000),
     ('cc', 'c2', '03', 1000, 9000, 2000, null)`,
  `insert into leases values (4, '10.0.0.2', 'c1', 'laptop', 5000, null, null),
     (6, 'fd00::2', 'c2', '', 4000, 4100, 4200)`,
  `insert into sessions values
     ('s1', 'c1', 'alice', 'laptop', '192.0.2.1:7', '10.0.0.2', 4000, 5000, 'peerClosed', 256, 1, 2, 3, 4),
     ('s2', 'c1', 'alice', 'laptop', '192.0.2.1:7', '10.0.0.2', 6000, null, null, null, 0, 0, 0, 0)`,
];

async function make(location: StoreLocation, version: number, statements: readonly string[]): Promise<void> {
  await using idle = await openIdle(location, false, 0);
  await idle.database.transaction().execute(async (transaction) => {
    await migrateTo(transaction, version, 1_000);
    for (const statement of statements) await sql.raw(statement).execute(transaction);
  });
}

async function open(location: StoreLocation): Promise<Store> {
  const opened = await openStore({
    location,
    clock: { now: () => 7_000 },
    logger: pino({ level: 'silent' }),
  });
  if (!opened.ok) throw opened.error;
  return opened.value;
}

describe('a database of version 1', () => {
  it('has everything that was in it after the upgrade', async () => {
    const { location, remove } = await emptyDatabase();
    await make(location, 1, version1);
    {
      await using store = await open(location);
      expect(await store.settings.get('nat')).toBe('on');
      expect(await store.clients.list()).toEqual([
        expect.objectContaining({
          uuid: 'c1',
          slug: 'alice',
          displayName: 'Alice ☂',
          enabled: true,
          createdAt: 1_000,
        }),
        expect.objectContaining({ uuid: 'c2', slug: 'bob', enabled: false, expiresAt: 3_000 }),
      ]);
      expect((await store.certificates.list()).map(({ sha256, revokedAt }) => [sha256, revokedAt])).toEqual([
        ['aa', null],
        ['bb', 2_000],
        ['cc', null],
      ]);
      expect(await store.leases.load('any')).toHaveLength(2);
      expect(await store.sessionHistory.find('s1')).toMatchObject({
        cause: 'peerClosed',
        code: 256,
        bytesIn: 1,
        packetsOut: 4,
        refusal: null,
      });
      expect(await store.sessionHistory.closeAbandoned(7_000, 'SERVER_CRASHED', 'any')).toBe(1);
    }
    await remove();
  });

  it('still deletes certificates with their client', async () => {
    const { location, remove } = await emptyDatabase();
    await make(location, 1, version1);
    {
      await using store = await open(location);
      expect(await store.clients.delete('c1')).toBe(true);
      expect((await store.certificates.list()).map(({ sha256 }) => sha256)).toEqual(['cc']);
      expect(await store.clients.create({ slug: 'alice', now: 1 })).not.toBeNull();
    }
    await remove();
  });

  it('can be opened again and again once it was upgraded', async () => {
    const { location, remove } = await emptyDatabase();
    await make(location, 1, version1);
    for (let round = 0; round < 3; round += 1) await (await open(location)).close();
    await using idle = await openIdle(location, false, 0);
    const applied = await idle.database.selectFrom('schema_version').selectAll().orderBy('version').execute();
    expect(applied).toEqual(
      Array.from({ length: schemaVersion }, (_, index) => ({
        version: index + 1,
        applied_at: index === 0 ? 1_000 : 7_000,
      })),
    );
    await idle[Symbol.asyncDispose]();
    await remove();
  });

  it('is what it was when the upgrade fails halfway, and can be upgraded later', async () => {
    const { location, remove } = await emptyDatabase();
    // Version 2 wants to make this table.
    await make(location, 1, [...version1, 'create table webhooks (x integer)']);
    const opened = await openStore({
      location,
      clock: { now: () => 7_000 },
      logger: pino({ level: 'silent' }),
    });
    expect(opened.ok ? 'opened' : opened.error.code).toBe('STORE_QUERY_FAILED');
    await make(location, 1, ['drop table webhooks']);
    {
      await using store = await open(location);
      expect(await store.clients.count()).toEqual({ total: 2, enabled: 1 });
    }
    await remove();
  });
});

describe('a database of a newer version', () => {
  it('is refused and not touched', async () => {
    const { location, remove } = await emptyDatabase();
    await make(location, schemaVersion, [
      `insert into schema_version values (${schemaVersion + 1}, 0)`,
      `create table of_the_future (x integer)`,
    ]);
    const before = location.kind === 'sqlite' ? readFileSync(location.file) : null;
    const opened = await openStore({ location, clock: { now: () => 1 }, logger: pino({ level: 'silent' }) });
    expect(opened.ok ? 'opened' : opened.error.code).toBe('STORE_NEWER_VERSION');
    if (location.kind === 'sqlite') expect(before?.equals(readFileSync(location.file))).toBe(true);
    await remove();
  });
});
