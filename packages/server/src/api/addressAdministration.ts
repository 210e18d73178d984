import {
  compareAddresses,
  fail,
  formatAddress,
  formatPrefix,
  ok,
  parseAddress,
  type IpAddress,
  type Result,
} from '@masque-vpn/protocol';
import { z } from 'zod';
import type { Holding } from '../addressing/holding.js';
import { lastUsedAt } from '../addressing/holding.js';
import type { Pools } from '../addressing/pools.js';
import { poolUsage } from '../addressing/poolUsage.js';
import type { Actor } from '../audit/actor.js';
import type { ClientDirectory } from '../clients/directory.js';
import type { Clock } from '../process/clock.js';
import type { Store } from '../store/store.js';
import type { LeaseModel, LeaseQuery, PoolsModel } from './models/pool.js';
import { cutPage, parseCursor, type Page } from './page.js';
import type { ApiFailure } from './problem.js';

export interface AddressAdministrationOptions {
  readonly pools: Pools;
  readonly directory: Pick<ClientDirectory, 'findByUuid' | 'findBySlug'>;
  readonly store: Pick<Store, 'atomically'>;
  readonly clock: Pick<Clock, 'now'>;
}

const addressKey = z.tuple([z.string().max(45)]);

/** Pools and who has which address of them, as the API shows them. */
export class AddressAdministration {
  readonly #options: AddressAdministrationOptions;

  constructor(options: AddressAdministrationOptions) {
    this.#options = options;
  }

  pools(): PoolsModel {
    const { pools } = this.#options;
    this.#expire();
    const usage = pools.usage();
    const each = poolUsage(pools);
    const family = (number: 4 | 6): Pick<PoolsModel['ipv4'], 'gateway' | 'pools'> => {
      const gateway = pools.gateway(number);
      return {
        gateway: gateway === null ? null : formatAddress(gateway),
        pools: each
          .filter(({ prefix }) => prefix.address.family === number)
          .map(({ prefix, ...counts }) => ({ prefix: formatPrefix(prefix), ...counts })),
      };
    };
    return { ipv4: { ...usage.ipv4, ...family(4) }, ipv6: { ...usage.ipv6, ...family(6) } };
  }

  /** Code: API_REQUEST_INVALID. */
  leases(query: LeaseQuery): Result<Page<LeaseModel>, ApiFailure> {
    const cursor = parseCursor(query.cursor, addressKey);
    if (!cursor.ok) return cursor;
    const after = cursor.value === null ? null : parseAddress(cursor.value[0]);
    if (after !== null && !after.ok) {
      return fail({ code: 'API_REQUEST_INVALID', message: 'cursor: not one that this list gave' });
    }
    this.#expire();
    const found = [...this.#candidates(query)]
      .filter((holding) => matches(holding, query) && (after === null || isAfter(holding, after.value)))
      .sort((a, b) => compareAddresses(a.address, b.address));
    return ok(
      cutPage(
        found.slice(0, query.limit + 1),
        query.limit,
        ({ address }) => [formatAddress(address)],
        (holding) => this.#model(holding),
      ),
    );
  }

  /** Lets anybody have an address that rests. Codes: LEASE_NOT_FOUND, LEASE_NOT_QUARANTINED. Throws `StoreError`. */
  async endQuarantine(text: string, actor: Actor): Promise<Result<null, ApiFailure>> {
    const { pools, store, directory, clock } = this.#options;
    const address = parseAddress(text);
    this.#expire();
    const holding = address.ok ? this.#find(address.value) : null;
    if (holding === null) return fail({ code: 'LEASE_NOT_FOUND', message: `nobody has or had ${text}` });
    const { state } = holding.tenure;
    if (state === 'free') return ok(null);
    if (state === 'leased') {
      return fail({ code: 'LEASE_NOT_QUARANTINED', message: `${text} is in use; disconnect its session` });
    }
    await store.atomically(async ({ audit }) => {
      await audit.insert({
        actor,
        action: 'lease.release',
        targetKind: 'client',
        target: directory.findByUuid(holding.clientUuid)?.slug ?? holding.clientUuid,
        detail: { address: formatAddress(holding.address) },
        now: clock.now(),
      });
    });
    pools.endQuarantine(holding.address);
    return ok(null);
  }

  #expire(): void {
    this.#options.pools.expire(Math.trunc(this.#options.clock.now()));
  }

  #candidates({ client }: LeaseQuery): Iterable<Readonly<Holding>> {
    const { pools, directory } = this.#options;
    if (client === undefined) return pools.holdings();
    const known = directory.findBySlug(client);
    return known === null ? [] : pools.holdingsOf(known.uuid);
  }

  #find(address: IpAddress): Readonly<Holding> | null {
    for (const holding of this.#options.pools.holdings()) {
      if (compareAddresses(holding.address, address) === 0) return holding;
    }
    return null;
  }

  #model(holding: Readonly<Holding>): LeaseModel {
    const { tenure } = holding;
    return {
      address: formatAddress(holding.address),
      clientId: this.#options.directory.findByUuid(holding.clientUuid)?.slug ?? null,
      state: tenure.state,
      lastUsedAtMs: Math.trunc(lastUsedAt(holding)),
      quarantinedUntilMs: tenure.state === 'quarantined' ? Math.trunc(tenure.until) : null,
    };
  }
}

function matches({ tenure, address }: Readonly<Holding>, { state, family }: LeaseQuery): boolean {
  return (
    (state === undefined || tenure.state === state) &&
    (family === undefined || address.family === Number(family))
  );
}

function isAfter(holding: Readonly<Holding>, after: IpAddress): boolean {
  return compareAddresses(holding.address, after) > 0;
}
