import type { Logger } from 'pino';
import type { Clock } from '../process/clock.js';
import { ChangeFollower } from '../servers/changeFollower.js';
import type { Store } from '../store/store.js';
import type { AccessKeeper } from './accessKeeper.js';
import type { ClientDirectory } from './directory.js';

export interface ClientFollowerOptions {
  readonly store: Pick<Store, 'clients' | 'certificates' | 'changes'>;
  readonly directory: ClientDirectory;
  readonly access: Pick<AccessKeeper, 'review'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** More certificates than any client has. */
const certificatesAtOnce = 10_000;

/**
 * Brings what other servers on the same database did to clients and certificates into memory, and ends the sessions
 * it concerns.
 */
export class ClientFollower implements Disposable {
  readonly #options: ClientFollowerOptions;
  readonly #follower: ChangeFollower;

  constructor(options: ClientFollowerOptions) {
    this.#options = options;
    this.#follower = new ChangeFollower({
      changes: options.store.changes,
      concerns: ({ kind, id }) => (kind === 'client' ? { id } : null),
      read: async (uuids) => {
        for (const uuid of uuids) await this.#readOne(uuid);
      },
      readEverything: () => this.#readEverything(),
      clock: options.clock,
      logger: options.logger,
    });
  }

  /** Resolves when nothing is being read. */
  settled(): Promise<void> {
    return this.#follower.settled();
  }

  [Symbol.dispose](): void {
    this.#follower[Symbol.dispose]();
  }

  async #readOne(uuid: string): Promise<void> {
    const { store, directory, access, logger } = this.#options;
    const [client, certificates] = await Promise.all([
      store.clients.findByUuid(uuid),
      store.certificates.list({ clientUuid: uuid, limit: certificatesAtOnce }),
    ]);
    if (client === null) directory.removeClient(uuid);
    else directory.putClient(client);
    for (const certificate of certificates) directory.putCertificate(certificate);
    const sessionsEnded = access.review(uuid);
    logger.debug({ clientUuid: uuid, sessionsEnded }, 'a client was changed by another server');
  }

  async #readEverything(): Promise<void> {
    const { store, directory, access, logger } = this.#options;
    // Made meanwhile by this server: not among those that were there before.
    const before = [...directory.all()].map(({ uuid }) => uuid);
    const found = await directory.read(store);
    for (const uuid of before) {
      if (!found.has(uuid) && (await store.clients.findByUuid(uuid)) === null) directory.removeClient(uuid);
      access.review(uuid);
    }
    logger.info({ clients: found.size }, 'all clients were read again');
  }
}
