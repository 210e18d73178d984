import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, inject } from 'vitest';
import { backedUpTables } from '../backup/tables.js';
import { openStore, type Store, type StoreLocation } from '../store.js';
import { locationOf, query, type ClusterAddress } from './postgresCluster.js';
import type {} from './postgresSetup.js';

/** A store on a real database of its own; both vanish on disposal. */
export interface TemporaryStore extends AsyncDisposable {
  readonly store: Store;
  readonly location: StoreLocation;
}

/** Opens one, for tests: on SQLite, or on PostgreSQL in the `postgres` project. */
export async function temporaryStore(): Promise<TemporaryStore> {
  const cluster = providedCluster();
  const database = await (cluster === undefined ? temporaryFile() : temporaryDatabase(cluster));
  const { location } = database;
  const opened = await openStore({
    location,
    clock: { now: () => 1_000 },
    logger: pino({ level: 'silent' }),
  });
  if (!opened.ok) throw opened.error;
  return {
    store: opened.value,
    location,
    [Symbol.asyncDispose]: async () => {
      await opened.value.close();
      await database.remove();
    },
  };
}

/**
 * A suite that runs on every database: files of `packages/server/src/store` and `*.stores.test.ts` elsewhere run in
 * the project `typescript` on SQLite and in `postgres` on PostgreSQL.
 */
export function describeStores(name: string, suite: (open: () => Promise<TemporaryStore>) => void): void {
  const kind = providedCluster() === undefined ? 'SQLite' : 'PostgreSQL';
  describe(`${name} on ${kind}`, () => suite(temporaryStore));
}

/** A place for a database that nobody has opened yet. */
export interface EmptyDatabase {
  readonly location: StoreLocation;
  readonly remove: () => Promise<void>;
}

/** One of the kind that the project tests. */
export async function emptyDatabase(): Promise<EmptyDatabase> {
  const cluster = providedCluster();
  return cluster === undefined ? temporaryFile() : newDatabase(cluster);
}

async function temporaryFile(): Promise<EmptyDatabase> {
  const directory = mkdtempSync(join(tmpdir(), 'masque-vpn-store-'));
  return {
    location: { kind: 'sqlite', file: join(directory, 'masque-vpn.sqlite') },
    remove: async () => rmSync(directory, { recursive: true }),
  };
}

async function temporaryDatabase(cluster: ClusterAddress): Promise<EmptyDatabase> {
  const name = await takeDatabase(cluster);
  return { location: locationOf(cluster, name), remove: () => giveBack(cluster, name) };
}

const nameOf = (kind: 'test' | 'free'): string => `${kind}_${randomUUID().replaceAll('-', '')}`;

/** A database that nobody uses: one that was given back, or a new one, which takes ten times as long. */
async function takeDatabase(cluster: ClusterAddress): Promise<string> {
  const name = nameOf('test');
  const free = await query(cluster, `select datname from pg_database where datname like 'free%'`);
  for (const { datname } of free) {
    try {
      await query(cluster, `alter database ${String(datname)} rename to ${name}`);
      return name;
    } catch {
      // Another test took it.
    }
  }
  await query(cluster, `create database ${name} template template0`);
  return name;
}

/** Empties it for the next test. */
async function giveBack(cluster: ClusterAddress, name: string): Promise<void> {
  const tables = backedUpTables.toReversed().map((table) => table.name);
  await query(cluster, tables.map((table) => `delete from ${table};`).join(' '), name);
  await query(cluster, `alter database ${name} rename to ${nameOf('free')}`);
}

async function newDatabase(cluster: ClusterAddress): Promise<EmptyDatabase> {
  const name = nameOf('test');
  await query(cluster, `create database ${name} template template0`);
  return {
    location: locationOf(cluster, name),
    remove: async () => {
      await query(cluster, `drop database ${name} with (force)`);
    },
  };
}

function providedCluster(): ClusterAddress | undefined {
  return inject('postgres');
}
