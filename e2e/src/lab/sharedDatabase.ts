import { join } from 'node:path';
import { PostgresCluster } from '@masque-vpn/server/testing/postgres';
import { Cleanup } from '../process/cleanup.js';
import type { Lab } from './lab.js';
import type { ServerSettings } from './serverSettings.js';

/** A PostgreSQL beside a lab. Namespaces do not hide its Unix socket: every machine reaches it. */
export class SharedDatabase implements AsyncDisposable {
  private constructor(
    private readonly cluster: PostgresCluster,
    /** Of servers that share it, and the key of their secrets. */
    readonly settings: ServerSettings,
  ) {}

  static async start(lab: Lab): Promise<SharedDatabase> {
    await using cleanup = new Cleanup();
    const cluster = cleanup.use(await PostgresCluster.create({ durable: false }));
    await cluster.createDatabase('vpn');
    const folder = encodeURIComponent(cluster.address.socketFolder);
    const settings = {
      store: { url: `postgres://masque_vpn@localhost/vpn?host=${folder}&sslmode=disable` },
      pki: { key_file: join(lab.directory, 'master.key') },
    };
    cleanup.move();
    return new SharedDatabase(cluster, settings);
  }

  /** It is gone, for every server. */
  async stop(): Promise<void> {
    await this.cluster.stop();
  }

  /** Settles when it takes connections again. */
  async restart(): Promise<void> {
    await this.cluster.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster[Symbol.asyncDispose]();
  }
}
