import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { Secret } from '../config/secret.js';
import { schemaVersion } from './migrations.js';
import { openStore, type StoreLocation, type StoreResult } from './store.js';
import { locationOf, passwordGroup, query } from './testing/postgresCluster.js';

type PostgresLocation = Extract<StoreLocation, { kind: 'postgres' }>;

describe('openStore on PostgreSQL', () => {
  const databases: string[] = [];
  const lines: string[] = [];
  afterEach(async () => {
    for (const name of databases.splice(0)) {
      await query(inject('postgres'), `drop database if exists ${name} with (force)`);
    }
    lines.length = 0;
  });

  async function emptyDatabase(options = ''): Promise<string> {
    const name = `test_${randomUUID().replaceAll('-', '')}`;
    databases.push(name);
    await query(inject('postgres'), `create database ${name} template template0 ${options}`);
    return name;
  }

  function at(database: string, change: Partial<PostgresLocation['address']> = {}): PostgresLocation {
    const { address, ...location } = locationOf(inject('postgres'), database);
    return { ...location, address: { ...address, ...change } };
  }

  function open(location: StoreLocation): Promise<StoreResult> {
    return openStore({
      location,
      clock: { now: () => 1_000.5 },
      logger: pino({}, { write: (line: string) => lines.push(line) }),
    });
  }

  async function failure(location: StoreLocation): Promise<{ code: string; message: string }> {
    const opened = await open(location);
    if (!opened.ok) return { code: opened.error.code, message: opened.error.message };
    await opened.value.close();
    throw new Error('it opened');
  }

  async function rows(database: string, sql: string): Promise<unknown[]> {
    return query(inject('postgres'), sql, database);
  }

  it('makes the tables once, however many servers start at the same time', async () => {
    const database = await emptyDatabase();
    const opened = await Promise.all(Array.from({ length: 5 }, () => open(at(database))));
    for (const result of opened) {
      if (!result.ok) throw result.error;
      await result.value.close();
    }
    expect(await rows(database, 'select version from schema_version order by version')).toEqual(
      Array.from({ length: schemaVersion }, (_, index) => ({ version: index + 1 })),
    );
  });

  it('leaves the database of a newer program as it is (STORE_NEWER_VERSION)', async () => {
    const database = await emptyDatabase();
    const opened = await open(at(database));
    if (!opened.ok) throw opened.error;
    await opened.value.settings.set('x', 'y');
    await opened.value.close();
    await rows(database, `insert into schema_version values (${schemaVersion + 1}, 0)`);
    const state =
      'select xmin::text, * from schema_version union all select xmin::text, 0, 0 from settings order by 1, 2';
    const before = await rows(database, state);
    expect((await failure(at(database))).code).toBe('STORE_NEWER_VERSION');
    expect(await rows(database, state)).toEqual(before);
  });

  it('says what is wrong and where when the database is missing, without any password', async () => {
    const password = new Secret('swordfish');
    const { code, message } = await failure(at('nowhere', { password }));
    expect(code).toBe('STORE_UNAVAILABLE');
    expect(message).toContain('/nowhere?host=');
    expect(message).toContain('3D000');
    expect(message + lines.join()).not.toContain('swordfish');
  });

  it('fails within seconds where nobody answers', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const startedAt = performance.now();
    const { code } = await failure(at('any', { host: '127.0.0.1', port }));
    expect(code).toBe('STORE_UNAVAILABLE');
    expect(performance.now() - startedAt).toBeLessThan(8_000);
    silent.close();
  });

  it('insists on TLS where it is asked for', async () => {
    const database = await emptyDatabase();
    const files = { rootCertificateFile: null, certificateFile: null, keyFile: null };
    const { code, message } = await failure(at(database, { tls: { mode: 'verify-full', ...files } }));
    expect(code).toBe('STORE_UNAVAILABLE');
    expect(message).toContain('does not support SSL');
    const missing = { mode: 'verify-full', ...files, rootCertificateFile: '/nowhere/ca.pem' } as const;
    expect((await failure(at(database, { tls: missing }))).message).toContain('/nowhere/ca.pem');
  });

  it('reads the password from a file at every connection', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'masque-vpn-password-'));
    const database = await emptyDatabase();
    const role = `role_${randomUUID().replaceAll('-', '')}`;
    await rows(database, `create role ${role} login password 'right'`);
    await rows(database, `grant all on schema public to ${role}`);
    await rows(database, `grant ${passwordGroup} to ${role}`);
    const passwordFile = join(directory, 'password');
    const location = { ...at(database, { user: role }), passwordFile };
    expect((await failure(location)).message).toContain('ENOENT');
    writeFileSync(passwordFile, 'wrong\n');
    const { code, message } = await failure(location);
    expect(code).toBe('STORE_UNAVAILABLE');
    expect(message).not.toContain('wrong');
    writeFileSync(passwordFile, 'right\n');
    const opened = await open(location);
    if (!opened.ok) throw opened.error;
    await opened.value.close();
    rmSync(directory, { recursive: true });
  });

  it('pages in the order of bytes, whatever language the database has', async () => {
    const database = await emptyDatabase(`encoding 'UTF8' locale_provider icu icu_locale 'en' locale 'C'`);
    const opened = await open(at(database));
    if (!opened.ok) throw opened.error;
    await using store = opened.value;
    const slugs = ['a-z', 'a0', 'ab', 'b', 'a-', 'a-b'];
    for (const slug of slugs) await store.clients.create({ slug, now: 1 });
    expect((await store.clients.list({ limit: 10 })).map(({ slug }) => slug)).toEqual([...slugs].sort());
  });

  it('keeps whole numbers up to 2^53 - 1', async () => {
    const database = await emptyDatabase();
    const opened = await open(at(database));
    if (!opened.ok) throw opened.error;
    await using store = opened.value;
    const created = await store.clients.create({ slug: 'a', now: 1, expiresAt: Number.MAX_SAFE_INTEGER });
    expect(created?.expiresAt).toBe(Number.MAX_SAFE_INTEGER);
    expect(await store.clients.count()).toEqual({ total: 1, enabled: 1 });
  });

  it('tells a read-only database from one that is gone', async () => {
    const database = await emptyDatabase();
    await rows(database, `alter database ${database} set default_transaction_read_only = on`);
    expect(await failure(at(database))).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('read-only') as string,
    });
  });
});
