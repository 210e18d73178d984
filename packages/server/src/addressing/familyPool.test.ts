import { formatAddress, parsePrefix, type Prefix } from '@masque-vpn/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LeaseKey } from '../store/leases.js';
import { FamilyPool, type HoldingJournal } from './familyPool.js';
import type { Lease } from './lease.js';
import { UsableAddresses } from './usableAddresses.js';

const quarantineMs = 10;
const silentJournal: HoldingJournal = { put: () => undefined, remove: () => undefined };

function prefixes(texts: readonly string[]): Prefix[] {
  return texts.flatMap((text) => {
    const parsed = parsePrefix(text);
    return parsed.ok ? [parsed.value] : [];
  });
}

/** What the pool must know, kept the slow and obvious way: one row per usable address. */
class Model {
  readonly rows = new Map<string, { owner: string; lease: Lease | null; until: number }>();
  /** Client by address. */
  readonly reserved = new Map<string, string>();

  constructor(readonly usable: ReadonlySet<string>) {}

  takeable(client: string, now: number): boolean {
    return [...this.usable].some((address) => this.isFreeFor(address, client, now));
  }

  isFreeFor(address: string, client: string, now: number): boolean {
    if ((this.reserved.get(address) ?? client) !== client) return false;
    const row = this.rows.get(address);
    if (row === undefined) return true;
    return row.lease === null && (row.until <= now || row.owner === client);
  }

  used(now: number): number {
    return [...this.rows.values()].filter(({ lease, until }) => lease !== null || until > now).length;
  }
}

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('take' as const),
      client: fc.nat(4),
      instance: fc.nat(1),
      preferred: fc.nat(20),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('release' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(12) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('reserve' as const),
      client: fc.nat(4),
      which: fc.option(fc.nat(20)),
    }),
  },
);

const pools = fc.constantFrom(
  ['10.0.0.0/29'],
  ['10.0.0.0/31'],
  ['10.0.0.0/30', '10.9.0.0/31', '10.5.0.8/30'],
  ['fd00::/126'],
  ['fd00::/127', 'fd01::/126'],
);

describe('FamilyPool', () => {
  it('never gives an address to two, honours quarantine, and is exhausted exactly when it must be', () => {
    fc.assert(
      fc.property(pools, fc.array(step, { maxLength: 120 }), (texts, steps) => {
        const usable = new UsableAddresses(prefixes(texts));
        const addresses = Array.from({ length: Number(usable.total) }, (_, i) => usable.at(BigInt(i)));
        const pool = new FamilyPool(prefixes(texts), quarantineMs, silentJournal);
        const model = new Model(new Set(addresses.map(formatAddress)));
        let now = 0;
        for (const each of steps) {
          if (each.kind === 'wait') now += each.ms;
          // The pool is told the time as `Pools` does: before every command.
          pool.expire(now);
          if (each.kind === 'take') {
            const clientUuid = `client ${each.client}`;
            const preferred = addresses[each.preferred] ?? null;
            expect(pool.canTake(clientUuid)).toBe(model.takeable(clientUuid, now));
            const lease = pool.take({ clientUuid, instance: `instance ${each.instance}`, preferred, now });
            expect(lease !== null).toBe(model.takeable(clientUuid, now));
            if (lease !== null) {
              const text = formatAddress(lease.address);
              expect(model.usable.has(text)).toBe(true);
              expect(model.isFreeFor(text, clientUuid, now)).toBe(true);
              const own = [...model.reserved].find(([, owner]) => owner === clientUuid)?.[0];
              if (own !== undefined && model.isFreeFor(own, clientUuid, now)) expect(text).toBe(own);
              model.rows.set(text, { owner: clientUuid, lease, until: 0 });
            }
          }
          if (each.kind === 'reserve') {
            const clientUuid = `client ${each.client}`;
            const address = each.which === null ? undefined : addresses[each.which];
            const text = address === undefined ? '' : formatAddress(address);
            // Two clients with one fixed address are refused long before.
            if ((model.reserved.get(text) ?? clientUuid) !== clientUuid) continue;
            for (const [known, owner] of model.reserved)
              if (owner === clientUuid) model.reserved.delete(known);
            if (address === undefined) pool.unreserve(clientUuid);
            else expect(pool.reserve(address, clientUuid)).toBe(true);
            if (address !== undefined) model.reserved.set(text, clientUuid);
          }
          if (each.kind === 'release') {
            const live = [...model.rows.values()].filter(({ lease }) => lease !== null);
            const row = live[each.which % Math.max(live.length, 1)];
            if (row !== undefined && row.lease !== null) {
              expect(pool.release(row.lease, now)).toBe(true);
              expect(pool.release(row.lease, now)).toBe(false);
              row.lease = null;
              row.until = now + quarantineMs;
            }
          }
          expect(pool.usage().used).toBe(model.used(now));
          expect(pool.usage().used + pool.usage().available).toBe(addresses.length);
          const ends = [...model.rows.values()].filter(({ lease, until }) => lease === null && until > now);
          expect(pool.nextExpiry()).toBe(
            ends.length === 0 ? null : Math.min(...ends.map(({ until }) => until)),
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  it('forgets the longest unused addresses beyond its limit, and still finds every address', () => {
    const total = 253;
    const limit = 100;
    const removed: string[] = [];
    const journal = { ...silentJournal, remove: (key: LeaseKey) => removed.push(key.address) };
    const pool = new FamilyPool(prefixes(['10.0.0.0/24']), quarantineMs, journal, limit);
    const takeAll = (): Lease[] => {
      const leases: Lease[] = [];
      for (;;) {
        const lease = pool.take({ clientUuid: `${leases.length}`, instance: '', preferred: null, now: 0 });
        if (lease === null) return leases;
        leases.push(lease);
      }
    };
    const first = takeAll();
    expect(first).toHaveLength(total);
    for (const lease of first) pool.release(lease, 0);
    pool.expire(quarantineMs);
    expect(removed).toHaveLength(total - limit);
    expect(removed[0]).toBe(formatAddress(first[0]?.address ?? raise()));
    const second = takeAll();
    expect(new Set(second.map(({ address }) => address.value)).size).toBe(total);
  });
});

function raise(): never {
  throw new Error('missing');
}
