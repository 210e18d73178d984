import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { localActor } from '../../audit/actor.js';
import { openStore, type Store } from '../store.js';
import { describeStores, emptyDatabase, type EmptyDatabase } from '../testing/temporaryStore.js';
import { backupContent, idleBackupContent, restoreBackup, writeBackup } from './backup.js';
import { existingTables, backedUpTables } from './tables.js';

const moment = { now: 5_000, version: '1.2.3' };

describeStores('a backup', (open) => {
  let folder = '';
  let file = '';
  let target: EmptyDatabase;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'masque-vpn-backup-'));
    file = join(folder, 'all.backup');
    target = await emptyDatabase();
  });
  afterEach(async () => {
    await target.remove();
    rmSync(folder, { recursive: true });
  });

  /** Four other rows, and clients with every kind of text. */
  async function fill(store: Store, count = 10): Promise<void> {
    await store.atomically(async ({ clients }) => {
      for (let each = 0; each < count; each += 1) {
        await clients.create({ slug: `c-${each}`, displayName: `“${each}” \n\u2028 \\ ☂`, now: each });
      }
    });
    const alice = await store.clients.findBySlug('c-7');
    const clientUuid = alice?.uuid ?? '';
    await store.sessionHistory.open({
      uuid: 'open',
      clientUuid,
      clientSlug: 'c-7',
      instance: '',
      remoteAddress: '192.0.2.1:1',
      addresses: ['10.0.0.2'],
      startedAt: 4_000,
      server: 'old-server',
    });
    await store.leases.apply(
      {
        put: [
          {
            family: 4,
            address: '10.0.0.2',
            clientUuid,
            instance: 'laptop',
            lastUsedAt: 4_000,
            releasedAt: null,
            quarantinedUntil: null,
          },
        ],
        remove: [],
      },
      'old-server',
    );
    await store.audit.insert({ actor: localActor, action: 'x.y', targetKind: 'x', target: 'z', now: 4_000 });
    await store.settings.set('name', 'value');
  }

  async function restored(replace = false): Promise<Store> {
    const result = await restoreBackup({ file, location: target.location, replace, now: 6_000 });
    if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
    const opened = await openStore({
      location: target.location,
      clock: { now: () => 7_000 },
      logger: pino({ level: 'silent' }),
    });
    if (!opened.ok) throw opened.error;
    return opened.value;
  }

  async function failure(change: { replace?: boolean } = {}): Promise<string> {
    const result = await restoreBackup({
      file,
      location: target.location,
      replace: change.replace ?? false,
      now: 6_000,
    });
    return result.ok ? 'restored' : result.error.code;
  }

  async function make(store: Store, replace = false): Promise<string> {
    const written = await writeBackup(
      file,
      backupContent(() => store.snapshot(), moment),
      replace,
    );
    return written.ok ? `${written.value.rows} rows` : written.error.code;
  }

  it('of a store in use has everything, and the restored one is the same', async () => {
    await using temporary = await open();
    const { store } = temporary;
    // More rows than a page.
    await fill(store, 1_050);
    expect(await make(store)).toBe('1054 rows');
    await store.clients.create({ slug: 'later', now: 9_000 });
    await using copy = await restored();
    expect(await copy.clients.count()).toEqual({ total: 1_050, enabled: 1_050 });
    const page = { after: 'c-1', limit: 500 };
    expect(await copy.clients.list(page)).toEqual(await store.clients.list(page));
    expect(await copy.audit.list()).toEqual(await store.audit.list());
    expect(await copy.settings.get('name')).toBe('value');
    expect(await copy.clients.findBySlug('later')).toBeNull();
    await copy.clients.create({ slug: 'new', now: 9_000 });
  });

  it('ends what was live when it was made', async () => {
    await using temporary = await open();
    await fill(temporary.store);
    await make(temporary.store);
    await using copy = await restored();
    expect(await copy.sessionHistory.find('open')).toMatchObject({
      endedAt: 5_000,
      cause: 'SERVER_RESTORED',
    });
    expect(await copy.leases.load('other-server')).toEqual([
      expect.objectContaining({ address: '10.0.0.2', instance: 'laptop', releasedAt: 5_000 }),
    ]);
  });

  it('knows every table', async () => {
    await using temporary = await open();
    await using snapshot = await temporary.store.snapshot();
    const existing = await existingTables(snapshot.database);
    const known = [...backedUpTables.map(({ name }) => name), 'schema_version'];
    expect([...existing].toSorted()).toEqual(known.toSorted());
  });

  it('of a database that no server uses is the same', async () => {
    await using temporary = await open();
    const { location, store } = temporary;
    await fill(store);
    await store.close();
    const written = await writeBackup(file, idleBackupContent(location, moment), false);
    expect(written).toMatchObject({ ok: true, value: { rows: 14, createdAt: 5_000 } });
  });

  it('can be read by nobody else, and leaves nothing else behind', async () => {
    await using temporary = await open();
    expect(await make(temporary.store)).toBe('0 rows');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['all.backup']);
    if (temporary.location.kind === 'sqlite') {
      const left = readdirSync(join(temporary.location.file, '..'));
      expect(left.filter((name) => name.includes('copy'))).toEqual([]);
    }
  });

  it('replaces no file unless asked to, and then as a whole', async () => {
    await using temporary = await open();
    writeFileSync(file, 'precious');
    expect(await make(temporary.store)).toBe('BACKUP_FILE_EXISTS');
    expect(readFileSync(file, 'utf8')).toBe('precious');
    expect(await make(temporary.store, true)).toBe('0 rows');
  });

  it('says when it cannot be written (BACKUP_UNWRITABLE)', async () => {
    await using temporary = await open();
    file = join(folder, 'missing', 'all.backup');
    expect(await make(temporary.store)).toBe('BACKUP_UNWRITABLE');
  });

  it('is not restored over data (BACKUP_TARGET_NOT_EMPTY) unless asked to', async () => {
    await using temporary = await open();
    await fill(temporary.store);
    await make(temporary.store);
    const before = await restored();
    await before.clients.create({ slug: 'precious', now: 1 });
    await before.close();
    expect(await failure()).toBe('BACKUP_TARGET_NOT_EMPTY');
    await using after = await restored(true);
    expect(await after.clients.count()).toMatchObject({ total: 10 });
    expect(await after.clients.findBySlug('precious')).toBeNull();
  });

  it('is not restored while a server uses the database (STORE_IN_USE)', async () => {
    await using temporary = await open();
    await make(temporary.store);
    await using used = await restored();
    expect(used.available).toBe(true);
    expect(await failure({ replace: true })).toBe('STORE_IN_USE');
  });

  it.each<[string, (text: string) => string | Buffer]>([
    ['no gzip file', () => 'hello'],
    ['empty', () => ''],
    ['cut off', (text) => gzipSync(text).subarray(0, -20)],
    ['without its end', (text) => gzipSync(text.replace(/[^\n]*\n$/, ''))],
    ['changed', (text) => gzipSync(text.replace('c-7"', 'c-x"'))],
    ['without a row', (text) => gzipSync(text.split('\n').toSpliced(4, 1).join('\n'))],
    ['continued after its end', (text) => gzipSync(`${text}[]\n`)],
    ['something else', () => gzipSync('{"format":"something else"}\n')],
    ['no JSON', (text) => gzipSync(`${text.split('\n')[0] ?? ''}\nxyz\n`)],
  ])('that is %s changes nothing (BACKUP_DAMAGED)', async (_, damage) => {
    await using temporary = await open();
    await fill(temporary.store);
    await make(temporary.store);
    writeFileSync(file, damage(gunzipSync(readFileSync(file)).toString()));
    expect(await failure({ replace: true })).toBe('BACKUP_DAMAGED');
    await make(temporary.store, true);
    expect(await failure()).toBe('restored');
  });

  it('of a newer program changes nothing (BACKUP_NEWER_VERSION)', async () => {
    await using temporary = await open();
    await make(temporary.store);
    const text = gunzipSync(readFileSync(file)).toString();
    writeFileSync(file, gzipSync(text.replace(/"schemaVersion":[0-9]+/, '"schemaVersion":99')));
    expect(await failure({ replace: true })).toBe('BACKUP_NEWER_VERSION');
  });

  it('that is missing is reported (BACKUP_UNREADABLE)', async () => {
    expect(await failure()).toBe('BACKUP_UNREADABLE');
  });
});
