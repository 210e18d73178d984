import { pino } from 'pino';
import type { TestProject } from 'vitest/node';
import { openStore } from '../store.js';
import { locationOf, PostgresCluster, type ClusterAddress } from './postgresCluster.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the `postgres` project only. */
    postgres: ClusterAddress;
  }
}

/** A migrated database that others are copied from. */
export const templateDatabase = 'masque_vpn_template';

/** One cluster for all tests of a run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await PostgresCluster.create({ durable: false });
  await cluster.createDatabase(templateDatabase);
  const opened = await openStore({
    location: locationOf(cluster.address, templateDatabase),
    clock: { now: () => 1_000 },
    logger: pino({ level: 'silent' }),
  });
  if (!opened.ok) throw opened.error;
  await opened.value.close();
  project.provide('postgres', cluster.address);
  return () => cluster[Symbol.asyncDispose]();
}
