import { pathToFileURL } from 'node:url';
import { inRepository } from '../../scripts/bootstrap/repository.mjs';

/** An empty PostgreSQL of our own that keeps its promises, gone when it is closed. */
export async function openDatabase() {
  const file = inRepository('packages', 'server', 'dist', 'store', 'testing', 'postgresCluster.js');
  const { PostgresCluster } = await import(pathToFileURL(file).href);
  const cluster = await PostgresCluster.create({ durable: true });
  await cluster.createDatabase('vpn');
  const host = encodeURIComponent(cluster.address.socketFolder);
  return {
    url: `postgres://masque_vpn@localhost/vpn?host=${host}&sslmode=disable`,
    /** @returns {Promise<void>} */
    close: () => cluster[Symbol.asyncDispose](),
  };
}
