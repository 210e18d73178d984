import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { openStore, type Store, type StoreLocation } from '../store.js';
import { emptyDatabase } from '../testing/temporaryStore.js';
import { backupContent, restoreBackup, writeBackup } from './backup.js';

async function open(location: StoreLocation): Promise<Store> {
  const opened = await openStore({ location, clock: { now: () => 1 }, logger: pino({ level: 'silent' }) });
  if (!opened.ok) throw opened.error;
  return opened.value;
}

test('a server moves from SQLite to PostgreSQL, and back, by its backup', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'masque-vpn-move-'));
  const empty = await emptyDatabase();
  const places: StoreLocation[] = [
    { kind: 'sqlite', file: join(folder, 'before.sqlite') },
    empty.location,
    { kind: 'sqlite', file: join(folder, 'after.sqlite') },
  ];
  const [first, ...others] = places;
  if (first === undefined) throw new Error('no place');
  {
    await using store = await open(first);
    await store.clients.create({ slug: 'alice', displayName: 'Älice ☂', now: 1, expiresAt: 2 ** 53 - 1 });
    await store.clients.create({ slug: 'bob', now: 2, enabled: false });
  }
  let before = first;
  for (const [index, place] of others.entries()) {
    await using store = await open(before);
    const file = join(folder, `${index}.backup`);
    const written = await writeBackup(
      file,
      backupContent(() => store.snapshot(), { now: 3, version: '1' }),
      false,
    );
    expect(written.ok).toBe(true);
    const restored = await restoreBackup({ file, location: place, replace: false, now: 4 });
    expect(restored.ok ? '' : restored.error.message).toBe('');
    await using copy = await open(place);
    expect(await copy.clients.list()).toEqual(await store.clients.list());
    before = place;
  }
  await empty.remove();
  rmSync(folder, { recursive: true });
});
