import { sharedRow, type Registry } from './registry.js';

/** One client that has, or shares, series. */
export interface ClientAccount {
  readonly clientId: string;
  /** Row of its series in every family; never changes while the account exists. */
  readonly row: number;
  /** Sessions and connections that count for it. */
  uses: number;
}

export interface ClientRowsOptions {
  readonly registry: Registry;
  /** false: all clients share one row. */
  readonly perClient: boolean;
  /** Clients with series of their own; those beyond share one row. */
  readonly clientCeiling: number;
  /** How long a client's series outlive its last use. */
  readonly retentionMs: number;
}

/**
 * Which row a client counts in. Decided when it first appears, and kept as long as it is remembered: what was
 * counted under one label never moves to another.
 */
export class ClientRows {
  readonly #options: ClientRowsOptions;
  readonly #accounts = new Map<string, ClientAccount>();
  /** Clients without a use → since when (monotonic ms); the longest idle first. */
  readonly #idleSince = new Map<string, number>();

  constructor(options: ClientRowsOptions) {
    this.#options = options;
  }

  /** The client's account with one more use; all its series begin at 0 when it is new. */
  enter(clientId: string): ClientAccount {
    this.#idleSince.delete(clientId);
    let account = this.#accounts.get(clientId);
    if (account === undefined) {
      account = { clientId, row: this.#newRow(clientId), uses: 0 };
      this.#accounts.set(clientId, account);
    }
    account.uses += 1;
    return account;
  }

  /** One use less; after the last one the retention begins. */
  leave(account: ClientAccount, monotonicMs: number): void {
    account.uses -= 1;
    if (account.uses > 0) return;
    this.#idleSince.delete(account.clientId);
    this.#idleSince.set(account.clientId, monotonicMs);
  }

  /** Removes the series of clients whose retention is over. */
  expire(monotonicMs: number): void {
    for (const [clientId, since] of this.#idleSince) {
      if (monotonicMs - since < this.#options.retentionMs) return;
      this.#idleSince.delete(clientId);
      this.#accounts.delete(clientId);
      this.#options.registry.removeClient(clientId);
    }
  }

  get size(): number {
    return this.#accounts.size;
  }

  /** Remembered clients with series of their own, and those that share. */
  get counts(): { readonly own: number; readonly shared: number } {
    const own = this.#options.registry.clientCount;
    return { own, shared: this.#accounts.size - own };
  }

  #newRow(clientId: string): number {
    const { registry, perClient, clientCeiling } = this.#options;
    if (perClient && registry.clientCount < clientCeiling) return registry.clientRow(clientId);
    registry.showShared();
    return sharedRow;
  }
}
