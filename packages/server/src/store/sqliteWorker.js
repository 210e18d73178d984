/**
 * The thread that owns the SQLite file. Plain JavaScript with types in comments, because a worker is loaded by its
 * path, from `src` in tests and from `dist` in the product, and Node 20 runs no TypeScript.
 *
 * `workerData` is `{ file, supportedVersion }`. The first message says how opening went; afterwards each
 * `{ id, statements }` is answered by `{ id, results }`, in order, and `{ id, copyTo }` by `{ id, results }` of one
 * result when the copy is complete, which may be after later ones; `{ close: true }` ends the thread.
 *
 * @typedef {{ sql: string, parameters: readonly unknown[] }} Statement
 * @typedef {{ ok: true, rows: unknown[], changes: number, readonly: boolean }} Success
 * @typedef {{ ok: false, code: string, message: string }} Failure
 */
import { existsSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';

/** How long to wait for another process that has the file open. */
const BUSY_TIMEOUT_MS = 2_000;
const MAX_PREPARED = 200;

class SqliteFile {
  /** @type {Database.Database} */
  #database;
  /** @type {Map<string, Database.Statement<unknown[]>>} */
  #prepared = new Map();

  /**
   * @param {string} file
   * @param {number} supportedVersion
   */
  constructor(file, supportedVersion) {
    refuseNewer(file, supportedVersion);
    this.#database = new Database(file, { timeout: BUSY_TIMEOUT_MS });
    // One server per file: a second one fails here with SQLITE_BUSY instead of handing out the same addresses.
    this.#database.pragma('locking_mode = EXCLUSIVE');
    this.#database.pragma('journal_mode = WAL');
    // better-sqlite3 reopens WAL files with NORMAL, which loses acknowledged commits in a power cut.
    this.#database.pragma('synchronous = FULL');
    this.#database.pragma('foreign_keys = ON');
    const [damage] = /** @type {{ quick_check: string }[]} */ (this.#database.pragma('quick_check(1)'));
    if (damage?.quick_check !== 'ok') {
      throw coded({
        ok: false,
        code: 'SQLITE_CORRUPT',
        message: damage?.quick_check ?? 'quick_check failed',
      });
    }
    this.#database.exec('BEGIN IMMEDIATE; COMMIT');
  }

  /**
   * One statement as it is; several as one transaction in which each may fail alone, so that many small writes
   * share one fsync.
   *
   * @param {readonly Statement[]} statements
   * @returns {(Success | Failure)[]}
   */
  run(statements) {
    const grouped = statements.length > 1 && !this.#database.inTransaction;
    if (!grouped) return statements.map((statement) => this.#runOne(statement));
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      const results = [];
      for (const statement of statements) {
        const result = this.#runOne(statement);
        // SQLite rolls back by itself when the disk is full: then nothing of the group was kept.
        if (!this.#database.inTransaction) throw coded(result);
        results.push(result);
      }
      this.#database.exec('COMMIT');
      return results;
    } catch (error) {
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
      return statements.map(() => failure(error));
    }
  }

  /**
   * Copies the database as it is into a file, a few pages at a time, while statements go on to be run.
   *
   * @param {string} file
   * @returns {Promise<Success | Failure>}
   */
  async copyTo(file) {
    try {
      await this.#database.backup(file);
      return { ok: true, rows: [], changes: 0, readonly: true };
    } catch (error) {
      return failure(error);
    }
  }

  close() {
    this.#prepared.clear();
    this.#database.close();
  }

  /**
   * @param {Statement} statement
   * @returns {Success | Failure}
   */
  #runOne({ sql, parameters }) {
    try {
      const prepared = this.#prepare(sql);
      if (prepared.reader) {
        const rows = prepared.all(...parameters);
        return { ok: true, rows, changes: 0, readonly: prepared.readonly };
      }
      const { changes } = prepared.run(...parameters);
      return { ok: true, rows: [], changes, readonly: prepared.readonly };
    } catch (error) {
      return failure(error);
    }
  }

  /** @param {string} sql */
  #prepare(sql) {
    const known = this.#prepared.get(sql);
    if (known !== undefined) return known;
    const prepared = this.#database.prepare(sql);
    this.#prepared.set(sql, prepared);
    if (this.#prepared.size > MAX_PREPARED) {
      for (const oldest of this.#prepared.keys()) {
        this.#prepared.delete(oldest);
        break;
      }
    }
    return prepared;
  }
}

/**
 * Looks at the version without any write, so that the file of a newer program is left as it was.
 *
 * @param {string} file
 * @param {number} supportedVersion
 */
function refuseNewer(file, supportedVersion) {
  if (!existsSync(file)) return;
  const database = new Database(file, { readonly: true, timeout: BUSY_TIMEOUT_MS });
  try {
    const table = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'schema_version'").get();
    if (table === undefined) return;
    const version = database.prepare('SELECT max(version) FROM schema_version').pluck().get();
    if (typeof version === 'number' && version > supportedVersion) {
      const message = `it has version ${version}, this program knows ${supportedVersion}`;
      throw coded({ ok: false, code: 'NEWER_VERSION', message });
    }
  } finally {
    database.close();
  }
}

/**
 * An error that `failure` turns back into the same failure.
 *
 * @param {Success | Failure} result
 */
function coded(result) {
  const { code, message } = result.ok ? { code: 'SQLITE_ABORT', message: 'rolled back' } : result;
  return Object.assign(new Error(message), { code });
}

/**
 * @param {unknown} error
 * @returns {Failure}
 */
function failure(error) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
  return { ok: false, code, message: error instanceof Error ? error.message : String(error) };
}

function main() {
  const port = parentPort;
  if (port === null) throw new Error('this file runs as a worker thread only');
  const { file, supportedVersion } = /** @type {{ file: string, supportedVersion: number }} */ (workerData);
  /** @type {SqliteFile} */
  let sqlite;
  try {
    sqlite = new SqliteFile(file, supportedVersion);
  } catch (error) {
    port.postMessage(failure(error));
    return;
  }
  port.on(
    'message',
    (
      /** @type {{ id: number, statements: Statement[] } | { id: number, copyTo: string } | { close: true }} */ message,
    ) => {
      if ('close' in message) {
        sqlite.close();
        port.close();
      } else if ('copyTo' in message) {
        void sqlite.copyTo(message.copyTo).then((result) => {
          port.postMessage({ id: message.id, results: [result] });
        });
      } else {
        port.postMessage({ id: message.id, results: sqlite.run(message.statements) });
      }
    },
  );
  port.postMessage({ ok: true });
}

main();
