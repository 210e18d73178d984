import type { TestProject } from 'vitest/node';
import { PostgresCluster, type ClusterAddress } from './postgresCluster.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the `postgres` project only. */
    postgres: ClusterAddress;
  }
}

/** One cluster for all tests of a run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await PostgresCluster.create({ durable: false });
  project.provide('postgres', cluster.address);
  return () => cluster[Symbol.asyncDispose]();
}
