import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { temporaryStore, type TemporaryStore } from '../../store/testing/temporaryStore.js';
import { openAuthorities, type Authorities } from '../authorities.js';
import { MasterKey } from '../masterKey.js';
import type { PkiResult } from '../pkiError.js';

/** A database, an empty state folder and a master key; for tests. */
export class TemporaryPki implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'masque-vpn-pki-'));
  readonly temporary: TemporaryStore;
  masterKey = new MasterKey(randomBytes(32).toString('base64url'), { source: 'environment', file: null });

  private constructor(temporary: TemporaryStore) {
    this.temporary = temporary;
  }

  static async open(): Promise<TemporaryPki> {
    return new TemporaryPki(await temporaryStore());
  }

  /** Opens the authorities as a server does at its start; `directory`: of another server on the same database. */
  async start(now: number, directory = this.directory): Promise<PkiResult<Authorities>> {
    const opened = await openAuthorities({
      store: this.temporary.store,
      directory,
      findMasterKey: () => Promise.resolve({ ok: true, value: this.masterKey }),
      clientValidityMs: 30 * 86_400_000,
      now,
      logger: pino({ level: 'silent' }),
    });
    return opened.ok ? { ok: true, value: opened.value.authorities } : opened;
  }

  /** As {@link start}, where nothing can go wrong. */
  async started(now: number, directory = this.directory): Promise<Authorities> {
    const opened = await this.start(now, directory);
    if (!opened.ok) throw new Error(opened.error.message);
    return opened.value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.temporary[Symbol.asyncDispose]();
    rmSync(this.directory, { recursive: true });
  }
}
