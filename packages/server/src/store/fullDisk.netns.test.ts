import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore, type Store, type StoreOptions } from './store.js';
import { StoreError } from './storeError.js';
import { isWritten, writeOnce } from './testing/acknowledgedWrites.js';
import { reportCrashes } from './testing/crashReport.js';

// A real file system of 4 MB: it needs the right to mount, in the mount namespace that this area runs in.
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'masque-vpn-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]);
});
afterEach(() => {
  execFileSync('umount', [folder]);
  rmSync(folder, { recursive: true });
});

function options(): StoreOptions {
  return {
    location: { kind: 'sqlite', file: join(folder, 'full.sqlite') },
    clock: { now: () => Date.now() },
    logger: pino({ level: 'silent' }),
  };
}

async function open(): Promise<Store> {
  const opened = await openStore(options());
  if (!opened.ok) throw opened.error;
  return opened.value;
}

/** Writes until the store refuses, at most `limit` times; the code of the refusal. */
async function fill(store: Store, prefix: string, acknowledged: string[], limit = 20_000): Promise<string> {
  for (let number = 0; number < limit; number += 1) {
    const id = `${prefix}-${number}`;
    try {
      await writeOnce(store, id);
      acknowledged.push(id);
    } catch (error) {
      return error instanceof StoreError ? error.code : String(error);
    }
  }
  return 'never full';
}

test('a full disk refuses writes with STORE_FULL, loses none it took, and takes them again when there is space', async () => {
  const ballast = join(folder, 'ballast');
  writeFileSync(ballast, Buffer.alloc(2_500_000));
  const acknowledged: string[] = [];
  {
    await using store = await open();
    expect(await fill(store, 'a', acknowledged)).toBe('STORE_FULL');
    expect(acknowledged.length).toBeGreaterThan(10);
    expect(store.available).toBe(false);
    // It goes on to answer what is there.
    expect(await isWritten(store, acknowledged[0] ?? '')).toBe('whole');
    expect(await fill(store, 'b', acknowledged)).toBe('STORE_FULL');
    rmSync(ballast);
    expect(await fill(store, 'c', acknowledged, 20)).toBe('never full');
    expect(store.available).toBe(true);
    // Full again, and the process ends like that.
    writeFileSync(ballast, Buffer.alloc(500_000));
    expect(await fill(store, 'd', acknowledged)).toBe('STORE_FULL');
  }
  const atStart = await openStore(options());
  expect(atStart.ok ? 'opened' : atStart.error.code).toBe('STORE_FULL');
  rmSync(ballast);
  await using store = await open();
  const states = await Promise.all(acknowledged.map((id) => isWritten(store, id)));
  const found = states.filter((state) => state === 'whole').length;
  reportCrashes('sqlite-full-disk', { crashes: 2, acknowledged: acknowledged.length, found });
  expect(found).toBe(acknowledged.length);
});
