import type { Logger } from 'pino';
import type { CertificateRepository } from './certificates.js';
import type { ClientRepository } from './clients.js';
import type { LeaseRepository } from './leases.js';
import type { SessionHistory } from './sessionHistory.js';
import type { SettingRepository } from './settings.js';
import type { StoreError } from './storeError.js';

export interface StoreOptions {
  /** Path of the SQLite file; made with mode 0600 if it does not exist, its folder with 0700. */
  readonly file: string;
  readonly clock: { now(): number };
  readonly logger: Logger;
}

/** What the server remembers. Every method of a repository throws {@link StoreError} when the store is lost. */
export interface Store extends AsyncDisposable {
  readonly clients: ClientRepository;
  readonly certificates: CertificateRepository;
  readonly leases: LeaseRepository;
  readonly sessionHistory: SessionHistory;
  readonly settings: SettingRepository;
  /** Whether the last query reached the database: false after it was lost, or while the disk is full. */
  readonly available: boolean;
  /** Waits for running queries, then closes the file. Idempotent. */
  close(): Promise<void>;
}

export type StoreResult =
  { readonly ok: true; readonly value: Store } | { readonly ok: false; readonly error: StoreError };

/** Opens (or makes) the database and migrates it. Fails with a code of {@link StoreError}, never throws one. */
export function openStore(options: StoreOptions): Promise<StoreResult> {
  return Promise.reject(new Error(`not built yet: ${options.file}`));
}
