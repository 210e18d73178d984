import type { Kysely } from 'kysely';
import type { Database } from './schema.js';

/** What changed in the database, for other servers that share it. */
export type Change =
  | {
      readonly kind: ChangeKind;
      /** Which one: the uuid, or whatever the kind's owner publishes. */
      readonly id: string;
    }
  /** Changes may have been missed: reload everything. */
  | { readonly kind: 'resync' };

export const changeKinds = [
  'client',
  'certificate',
  'group',
  'policy',
  'enrolment',
  'administrator',
  'settings',
  // An open session that is to be ended.
  'session',
  // A session whose record was written.
  'history',
  // A server whose sessions were closed because it is gone, or was.
  'server',
] as const;
export type ChangeKind = (typeof changeKinds)[number];

/** What one server tells the others. */
export type PublishedChange = Exclude<Change, { readonly kind: 'resync' }>;

/** News between servers that share a database. Where only one server can use it (SQLite) there never are any. */
export interface Changes {
  /**
   * Tells the other servers, never this one. In a transaction (`repositories.changes`) they hear of it when it is
   * committed, and only then; that is the way to publish what must not be missed.
   */
  publish(...changes: readonly PublishedChange[]): Promise<void>;
  /**
   * Hears what other servers published, in the order of their commits, until disposed; first, each once, what was heard
   * since the database was opened: whatever the subscriber read before may be older than that.
   */
  subscribe(listener: (change: Change) => void): Disposable;
}

/** The changes of one open database. */
export interface ChangeHub extends AsyncDisposable {
  /** As seen from the database, or from one of its transactions. */
  within(database: Kysely<Database>): Changes;
}

/** Of a database that no other server can use. */
export const noOtherServers: ChangeHub = {
  within: () => ({
    publish: () => Promise.resolve(),
    subscribe: () => ({ [Symbol.dispose]: () => undefined }),
  }),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};
