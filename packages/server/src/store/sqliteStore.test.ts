import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { schemaVersion } from './migrations.js';
import { openStore, type StoreResult } from './store.js';

describe('openStore', () => {
  let directory = '';
  let file = '';

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'masque-vpn-store-'));
    file = join(directory, 'state', 'masque-vpn.sqlite');
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  function open(path = file): Promise<StoreResult> {
    return openStore({
      location: { kind: 'sqlite', file: path },
      clock: { now: () => 1_000.5 },
      logger: pino({ level: 'silent' }),
    });
  }

  async function makeStore(): Promise<void> {
    const opened = await open();
    if (!opened.ok) throw opened.error;
    await opened.value.clients.create({ slug: 'alice', now: 1 });
    await opened.value.close();
  }

  async function codeOf(result: Promise<StoreResult>): Promise<string> {
    const opened = await result;
    if (!opened.ok) return opened.error.code;
    await opened.value.close();
    return 'opened';
  }

  describe('a new store', () => {
    it('makes its folder and file for nobody else to read', async () => {
      await makeStore();
      expect(statSync(join(directory, 'state')).mode & 0o777).toBe(0o700);
      expect(statSync(file).mode & 0o777).toBe(0o600);
    });

    it('is at this version, once', async () => {
      await makeStore();
      await makeStore();
      const database = new Sqlite(file, { readonly: true });
      expect(database.prepare('SELECT version, applied_at FROM schema_version').all()).toEqual([
        ...Array.from({ length: schemaVersion }, (_, index) => ({ version: index + 1, applied_at: 1_000 })),
      ]);
      database.close();
    });

    it('remembers what was written', async () => {
      await makeStore();
      const opened = await open();
      if (!opened.ok) throw opened.error;
      await using store = opened.value;
      expect(await store.clients.findBySlug('alice')).toMatchObject({ slug: 'alice', enabled: true });
      expect(store.available).toBe(true);
    });

    it('has every acknowledged write in the files, as a crash would find them', async () => {
      const opened = await open();
      if (!opened.ok) throw opened.error;
      await using store = opened.value;
      await store.clients.create({ slug: 'bob', now: 1 });
      const image = join(directory, 'image.sqlite');
      copyFileSync(file, image);
      copyFileSync(`${file}-wal`, `${image}-wal`);
      const recovered = await open(image);
      if (!recovered.ok) throw recovered.error;
      await using copy = recovered.value;
      expect(await copy.clients.findBySlug('bob')).not.toBeNull();
    });

    it('closes twice without complaint and refuses queries afterwards', async () => {
      const opened = await open();
      if (!opened.ok) throw opened.error;
      await opened.value.close();
      await opened.value.close();
      await expect(opened.value.settings.get('x')).rejects.toThrow();
    });
  });

  describe('a store that cannot be used', () => {
    it('is left as it was when a newer program made it (STORE_NEWER_VERSION)', async () => {
      await makeStore();
      const database = new Sqlite(file);
      database.prepare('INSERT INTO schema_version VALUES (?, 0)').run(schemaVersion + 1);
      database.close();
      const before = readFileSync(file);
      expect(await codeOf(open())).toBe('STORE_NEWER_VERSION');
      expect(readFileSync(file).equals(before)).toBe(true);
    });

    it('is refused when it is no database (STORE_CORRUPT)', async () => {
      const path = join(directory, 'text.sqlite');
      writeFileSync(path, 'this is certainly not a database\n'.repeat(100));
      expect(await codeOf(open(path))).toBe('STORE_CORRUPT');
    });

    it('is refused when its pages are damaged (STORE_CORRUPT)', async () => {
      await makeStore();
      const bytes = readFileSync(file);
      writeFileSync(
        file,
        Buffer.concat([bytes.subarray(0, 4_096), Buffer.alloc(bytes.length - 4_096, 0xa5)]),
      );
      expect(await codeOf(open())).toBe('STORE_CORRUPT');
    });

    it('is refused while another server has it open, and is not afterwards (STORE_IN_USE)', async () => {
      const first = await open();
      expect(await codeOf(open())).toBe('STORE_IN_USE');
      if (first.ok) await first.value.close();
      expect(await codeOf(open())).toBe('opened');
    });

    it('is refused when its path is a folder (STORE_UNAVAILABLE)', async () => {
      expect(await codeOf(open(directory))).toBe('STORE_UNAVAILABLE');
    });

    it('is refused when its folder cannot be made (STORE_UNAVAILABLE)', async () => {
      writeFileSync(join(directory, 'file'), '');
      expect(await codeOf(open(join(directory, 'file', 'masque-vpn.sqlite')))).toBe('STORE_UNAVAILABLE');
    });

    it('names the file and what to do', async () => {
      const opened = await open(directory);
      expect(opened.ok ? '' : opened.error.message).toMatch(new RegExp(`${directory}.*writable`));
    });
  });
});
