import type { Kysely } from 'kysely';
import type { ChangeHub } from './changes.js';
import type { Database } from './schema.js';
import type { TransactionScope } from './transactionScope.js';

/** A database that does not change. */
export interface Snapshot extends AsyncDisposable {
  readonly kind: 'sqlite' | 'postgres';
  readonly database: Kysely<Database>;
}

/** A database that was opened and migrated. */
export interface OpenDatabase {
  readonly database: Kysely<Database>;
  readonly changes: ChangeHub;
  readonly scope: TransactionScope;
  /** What it contains now; it goes on to be used meanwhile. */
  readonly snapshot: () => Promise<Snapshot>;
  /** Its file or address, for people; never with a password. */
  readonly where: string;
  /** The version it had before. */
  readonly before: number;
  /** What a transaction asks for to run as if alone; null: it does anyway. */
  readonly isolation: 'serializable' | null;
}
