import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { openStore, type Store } from '../store.js';

/** A store on a real SQLite file in a folder of its own; both vanish on disposal. */
export interface TemporaryStore extends AsyncDisposable {
  readonly store: Store;
  readonly file: string;
}

/** Opens one; for tests. */
export async function temporaryStore(): Promise<TemporaryStore> {
  const directory = mkdtempSync(join(tmpdir(), 'masque-vpn-store-'));
  const file = join(directory, 'masque-vpn.sqlite');
  const opened = await openStore({ file, clock: { now: () => 1_000 }, logger: pino({ level: 'silent' }) });
  if (!opened.ok) throw opened.error;
  return {
    store: opened.value,
    file,
    [Symbol.asyncDispose]: async () => {
      await opened.value.close();
      rmSync(directory, { recursive: true });
    },
  };
}
