import type { Logger } from 'pino';
import type { Clock, Timer } from '../process/clock.js';
import type { Change } from '../store/changes.js';
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

/** Wait before what could not be read is read again, milliseconds. */
const retryMs = 500;

/** More certificates than any client has. */
const certificatesAtOnce = 10_000;

/**
 * Brings what other servers on the same database did to clients and certificates into memory, and ends the sessions
 * it concerns. What cannot be read is read again until it can.
 */
export class ClientFollower implements Disposable {
  readonly #options: ClientFollowerOptions;
  readonly #subscription: Disposable;
  /** Uuids of clients that have changed. */
  readonly #pending = new Set<string>();
  #everything = false;
  #working: Promise<void> | null = null;
  #retry: Timer | null = null;
  #stopped = false;

  constructor(options: ClientFollowerOptions) {
    this.#options = options;
    this.#subscription = options.store.changes.subscribe((change) => this.#heard(change));
  }

  /** Resolves when nothing is being read. */
  async settled(): Promise<void> {
    await this.#working;
  }

  [Symbol.dispose](): void {
    this.#stopped = true;
    this.#subscription[Symbol.dispose]();
    this.#retry?.cancel();
  }

  #heard(change: Change): void {
    if (change.kind === 'resync') this.#everything = true;
    else if (change.kind === 'client') this.#pending.add(change.id);
    else return;
    this.#work();
  }

  #work(): void {
    if (this.#stopped) return;
    this.#working ??= this.#readAll().finally(() => {
      this.#working = null;
      if ((this.#everything || this.#pending.size > 0) && this.#retry === null) this.#work();
    });
  }

  async #readAll(): Promise<void> {
    try {
      while (this.#everything || this.#pending.size > 0) {
        if (this.#everything) await this.#readEverything();
        else for (const uuid of [...this.#pending]) await this.#readOne(uuid);
      }
    } catch (error) {
      const { clock, logger } = this.#options;
      logger.error({ err: error }, 'changes of another server cannot be read; trying again');
      this.#retry = clock.after(retryMs, () => {
        this.#retry = null;
        this.#work();
      });
    }
  }

  async #readOne(uuid: string): Promise<void> {
    const { store, directory, access, logger } = this.#options;
    // What changes while it is read is read once more.
    this.#pending.delete(uuid);
    const [client, certificates] = await Promise.all([
      store.clients.findByUuid(uuid),
      store.certificates.list({ clientUuid: uuid, limit: certificatesAtOnce }),
    ]).catch((error: unknown) => {
      this.#pending.add(uuid);
      throw error;
    });
    if (client === null) directory.removeClient(uuid);
    else directory.putClient(client);
    for (const certificate of certificates) directory.putCertificate(certificate);
    const sessionsEnded = access.review(uuid);
    logger.debug({ clientUuid: uuid, sessionsEnded }, 'a client was changed by another server');
  }

  async #readEverything(): Promise<void> {
    const { store, directory, access, logger } = this.#options;
    this.#everything = false;
    try {
      // Made meanwhile by this server: not among those that were there before.
      const before = [...directory.all()].map(({ uuid }) => uuid);
      const found = await directory.read(store);
      for (const uuid of before) {
        if (!found.has(uuid) && (await store.clients.findByUuid(uuid)) === null) directory.removeClient(uuid);
        access.review(uuid);
      }
      logger.info({ clients: found.size }, 'all clients were read again');
    } catch (error) {
      this.#everything = true;
      throw error;
    }
  }
}
