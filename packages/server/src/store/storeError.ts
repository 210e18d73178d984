/** Stable codes of a store that cannot do its work; `docs/errors.md` explains each. */
export const storeErrorCodes = [
  'STORE_UNAVAILABLE',
  'STORE_IN_USE',
  'STORE_CORRUPT',
  'STORE_FULL',
  'STORE_NEWER_VERSION',
  'STORE_BUSY',
  'STORE_CLOSED',
  'STORE_QUERY_FAILED',
] as const;
export type StoreErrorCode = (typeof storeErrorCodes)[number];

/**
 * The store is lost, full, closed or overloaded. Thrown by every repository method, because no caller of a single
 * query can do anything about it; who answers requests catches it at the border.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  constructor(
    readonly code: StoreErrorCode,
    /** What happened and what to do, for people. */
    message: string,
  ) {
    super(message);
  }
}

/**
 * The stable code and the advice for what SQLite reported.
 *
 * @param code SQLite's extended result code as better-sqlite3 names it, `SQLITE_FULL`; or one of the worker's own.
 */
export function storeErrorOfSqlite(code: string, detail: string, file: string): StoreError {
  const known = sqliteFailures.find(({ pattern }) => pattern.test(code)) ?? unknownFailure;
  return new StoreError(known.code, `${known.what} ${file} (${detail}). ${known.advice}`);
}

interface SqliteFailure {
  readonly pattern: RegExp;
  readonly code: StoreErrorCode;
  readonly what: string;
  readonly advice: string;
}

const unknownFailure: SqliteFailure = {
  pattern: /^/,
  code: 'STORE_UNAVAILABLE',
  what: 'cannot use the database',
  advice:
    'Check that the path exists, belongs to the user the server runs as and is writable, then start again.',
};

/** First match wins. */
const sqliteFailures: readonly SqliteFailure[] = [
  {
    pattern: /^NEWER_VERSION$/,
    code: 'STORE_NEWER_VERSION',
    what: 'a newer masque-vpn made the database',
    advice: 'Nothing was changed. Install that version again, or start with another state directory.',
  },
  {
    // A WAL index that cannot grow is a full disk, too.
    pattern: /^SQLITE_(FULL|IOERR_SHMSIZE)/,
    code: 'STORE_FULL',
    what: 'no space left for the database',
    advice: 'Free some disk space; a running server then goes on by itself.',
  },
  {
    pattern: /^SQLITE_(CORRUPT|NOTADB)/,
    code: 'STORE_CORRUPT',
    what: 'the database is damaged:',
    advice: 'Restore it from a backup, or move it away to start without clients; nothing was changed.',
  },
  {
    pattern: /^SQLITE_(BUSY|LOCKED)/,
    code: 'STORE_IN_USE',
    what: 'another program has the database open:',
    advice: 'Stop the other server, or give this one a state directory of its own.',
  },
  {
    pattern: /^SQLITE_(CANTOPEN|READONLY|PERM|AUTH|IOERR|NOLFS|PROTOCOL|NOMEM)/,
    code: 'STORE_UNAVAILABLE',
    what: unknownFailure.what,
    advice: unknownFailure.advice,
  },
  {
    pattern: /^SQLITE_/,
    code: 'STORE_QUERY_FAILED',
    what: 'a query failed on the database',
    advice: 'This is a bug of masque-vpn: please report it.',
  },
];
