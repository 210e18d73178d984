import { formatAddress, parseAddress, parsePrefix, type IpAddress, type Prefix } from '@masque-vpn/protocol';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { leasesOf, type LeasesOfServer } from '../store/leases.js';
import { temporaryStore } from '../store/testing/temporaryStore.js';
import type { Family, Lease } from './lease.js';
import { openPools, type Pools } from './pools.js';
import { MemoryLeaseStore } from './testing/memoryLeaseStore.js';

const quarantineMs = 60_000;
const logger = pino({ level: 'silent' });

function prefixes(...texts: string[]): Prefix[] {
  return texts.map((text) => {
    const parsed = parsePrefix(text);
    if (!parsed.ok) throw new Error(parsed.error.message);
    return parsed.value;
  });
}

function address(text: string): IpAddress {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

function open(
  change: {
    ipv4?: string[];
    ipv6?: string[];
    store?: LeasesOfServer;
    now?: number;
    quarantineMs?: number;
  } = {},
) {
  return openPools({
    ipv4: prefixes(...(change.ipv4 ?? ['10.0.0.0/29'])),
    ipv6: prefixes(...(change.ipv6 ?? ['fd00::/64'])),
    quarantineMs: change.quarantineMs ?? quarantineMs,
    store: change.store ?? new MemoryLeaseStore(),
    logger,
    now: change.now ?? 0,
  });
}

async function lease(
  pools: Pools,
  client: string,
  options: { instance?: string; families?: Family[]; preferred?: string[]; now?: number } = {},
): Promise<Lease[]> {
  const outcome = await pools.lease({
    clientUuid: client,
    instance: options.instance ?? 'one',
    families: options.families ?? [4],
    now: options.now ?? 0,
    ...(options.preferred === undefined ? {} : { preferred: options.preferred.map(address) }),
  });
  if (!outcome.ok) throw new Error(outcome.reason);
  return [...outcome.leases];
}

async function leaseOne(...args: Parameters<typeof lease>): Promise<Lease> {
  const [only] = await lease(...args);
  if (only === undefined) throw new Error('no lease');
  return only;
}

const text = (lease: Lease): string => formatAddress(lease.address);

describe('a lease', () => {
  it('has one address of each family asked for, in order', async () => {
    const pools = await open();
    const both = await lease(pools, 'alice', { families: [4, 6] });
    expect(both.map(({ family }) => family)).toEqual([4, 6]);
    expect(pools.usage().ipv4).toEqual({ total: 5, used: 1, quarantined: 0, available: 4 });
    expect(pools.usage().ipv6).toMatchObject({ total: 2 ** 64, used: 1 });
  });

  it('is never the gateway, the network or the broadcast address', async () => {
    const pools = await open();
    expect(formatAddress(pools.gateway(4) ?? address('::'))).toBe('10.0.0.1');
    const all = await Promise.all(Array.from({ length: 5 }, (_, i) => leaseOne(pools, `client ${i}`)));
    expect(all.map(text).toSorted()).toEqual(['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6']);
  });

  it('takes nothing when one family is exhausted', async () => {
    const pools = await open({ ipv6: ['fd00::/127'] });
    await lease(pools, 'alice', { families: [6] });
    const before = pools.usage();
    const request = { clientUuid: 'bob', instance: '', families: [4, 6] as const, now: 0 };
    expect(await pools.lease(request)).toEqual({ ok: false, reason: 'exhausted', family: 6 });
    expect(pools.usage()).toEqual(before);
  });

  it('of a family without pool is refused', async () => {
    const pools = await open({ ipv6: [] });
    expect(pools.families).toEqual([4]);
    const request = { clientUuid: 'bob', instance: '', families: [6] as const, now: 0 };
    expect(await pools.lease(request)).toEqual({ ok: false, reason: 'noPool', family: 6 });
  });

  it('that is released twice is released once', async () => {
    const pools = await open();
    const first = await leaseOne(pools, 'alice');
    pools.release(first, 0);
    const second = await leaseOne(pools, 'alice');
    expect(text(second)).toBe(text(first));
    pools.release(first, 0);
    expect(pools.usage().ipv4).toMatchObject({ used: 1, quarantined: 0 });
  });
});

describe('a preferred address (CIP-712)', () => {
  it('is granted if free', async () => {
    const pools = await open();
    expect(text(await leaseOne(pools, 'alice', { preferred: ['fd00::9', '10.0.0.4'] }))).toBe('10.0.0.4');
  });

  it.each(['10.0.0.1', '10.0.0.0', '10.0.0.7', '192.0.2.1', '0.0.0.0'])('is replaced: %s', async (wanted) => {
    const pools = await open();
    expect(text(await leaseOne(pools, 'alice', { preferred: [wanted] }))).not.toBe(wanted);
  });

  it('is replaced when it is leased, in quarantine, or sticky of somebody else', async () => {
    const pools = await open();
    const alices = await leaseOne(pools, 'alice', { preferred: ['10.0.0.4'] });
    const ask = async (client: string, now: number): Promise<string> =>
      text(await leaseOne(pools, client, { preferred: ['10.0.0.4'], now }));
    expect(await ask('bob', 0)).not.toBe('10.0.0.4');
    pools.release(alices, 0);
    expect(await ask('carol', 1)).not.toBe('10.0.0.4');
    expect(await ask('dave', quarantineMs + 1)).not.toBe('10.0.0.4');
    expect(await ask('alice', quarantineMs + 1)).toBe('10.0.0.4');
  });
});

describe('stickiness', () => {
  it('gives the same client and instance the same addresses, at once', async () => {
    const pools = await open({ ipv4: ['10.0.0.0/16'] });
    const before = await lease(pools, 'alice', { families: [4, 6] });
    for (const one of before) pools.release(one, 10);
    const after = await lease(pools, 'alice', { families: [4, 6], now: 11 });
    expect(after.map(text)).toEqual(before.map(text));
  });

  it('gives several instances of one client addresses of their own', async () => {
    const pools = await open();
    const phone = await leaseOne(pools, 'alice', { instance: 'phone' });
    const laptop = await leaseOne(pools, 'alice', { instance: 'laptop' });
    expect(text(phone)).not.toBe(text(laptop));
    pools.release(phone, 0);
    pools.release(laptop, 0);
    expect(text(await leaseOne(pools, 'alice', { instance: 'laptop' }))).toBe(text(laptop));
    expect(text(await leaseOne(pools, 'alice', { instance: 'phone' }))).toBe(text(phone));
  });

  it('gives sessions without instance id different addresses at a time, the last one again afterwards', async () => {
    const pools = await open();
    const first = await leaseOne(pools, 'alice', { instance: '' });
    const second = await leaseOne(pools, 'alice', { instance: '' });
    expect(text(first)).not.toBe(text(second));
    pools.release(first, 10);
    pools.release(second, 20);
    expect(text(await leaseOne(pools, 'alice', { instance: '', now: 30 }))).toBe(text(second));
  });

  it('yields to need: the longest unused address goes first', async () => {
    const pools = await open();
    const leases: Lease[] = [];
    for (let i = 0; i < 5; i++) leases.push(await leaseOne(pools, `client ${i}`));
    for (const [i, one] of leases.entries()) pools.release(one, i);
    expect(text(await leaseOne(pools, 'new', { now: 100_000 }))).toBe(text(leases[0] ?? raise()));
    expect(text(await leaseOne(pools, 'client 1', { now: 100_000 }))).toBe(text(leases[1] ?? raise()));
  });

  it('does not count a free address as used', async () => {
    const pools = await open();
    pools.release(await leaseOne(pools, 'alice'), 0);
    pools.expire(quarantineMs);
    expect(pools.usage().ipv4).toEqual({ total: 5, used: 0, quarantined: 0, available: 5 });
  });
});

describe('quarantine (CIP-1306)', () => {
  it('keeps a released address from others for its time, then frees it', async () => {
    const pools = await open({ ipv4: ['10.0.0.0/31'] });
    pools.release(await leaseOne(pools, 'alice', { now: 500 }), 1_000);
    expect(pools.usage().ipv4).toEqual({ total: 1, used: 1, quarantined: 1, available: 0 });
    expect(pools.nextExpiry()).toBe(61_000);
    await expect(lease(pools, 'bob', { now: 60_999 })).rejects.toThrow('exhausted');
    expect(text(await leaseOne(pools, 'bob', { now: 61_000 }))).toBe('10.0.0.1');
    expect(pools.nextExpiry()).toBeNull();
  });

  it('never binds its previous owner, not even another instance of it in an exhausted pool', async () => {
    const pools = await open({ ipv4: ['10.0.0.0/31'] });
    pools.release(await leaseOne(pools, 'alice', { instance: 'phone' }), 0);
    expect(text(await leaseOne(pools, 'alice', { instance: 'laptop' }))).toBe('10.0.0.1');
    expect(pools.nextExpiry()).toBeNull();
  });

  it('ends address by address', async () => {
    const pools = await open();
    const early = await leaseOne(pools, 'alice');
    const late = await leaseOne(pools, 'bob');
    pools.release(early, 1_000);
    pools.release(late, 2_000);
    expect(pools.expire(60_999)).toEqual([]);
    expect(pools.expire(61_000)).toEqual([early.address]);
    expect(pools.nextExpiry()).toBe(62_000);
    expect(pools.expire(99_000)).toEqual([late.address]);
  });

  it('ends early for one address when an administrator says so, and stays ended after a restart', async () => {
    const store = new MemoryLeaseStore();
    const pools = await open({ store, ipv4: ['10.0.0.0/30'] });
    const first = await leaseOne(pools, 'alice');
    expect(pools.endQuarantine(first.address)).toBe(false);
    pools.release(first, 1);
    expect(await pools.lease({ clientUuid: 'bob', instance: '', families: [4], now: 2 })).toMatchObject({
      ok: false,
    });
    expect(pools.holdingsOf('alice').map(({ tenure }) => tenure.state)).toEqual(['quarantined']);
    expect(pools.endQuarantine(first.address)).toBe(true);
    expect(pools.usage().ipv4).toMatchObject({ used: 0, quarantined: 0 });
    await pools.flush();
    const restarted = await open({ store, ipv4: ['10.0.0.0/30'], now: 3 });
    expect([...restarted.holdings()].map(({ tenure }) => tenure.state)).toEqual(['free']);
    expect((await leaseOne(pools, 'bob', { now: 3 })).address).toEqual(first.address);
    expect(pools.holdingsOf('alice')).toEqual([]);
  });

  it('of no length frees at once', async () => {
    const pools = await open({ ipv4: ['10.0.0.0/31'], quarantineMs: 0 });
    pools.release(await leaseOne(pools, 'alice'), 0);
    expect(text(await leaseOne(pools, 'bob'))).toBe('10.0.0.1');
  });
});

describe('a restart', () => {
  it('remembers who had which address and what is in quarantine', async () => {
    const store = new MemoryLeaseStore();
    const before = await open({ store });
    const released = await lease(before, 'alice', { families: [4, 6] });
    for (const one of released) before.release(one, 1_000);
    await before.flush();
    const after = await open({ store, now: 2_000 });
    expect(after.usage().ipv4).toMatchObject({ used: 1, quarantined: 1 });
    expect(after.nextExpiry()).toBe(61_000);
    const again = await lease(after, 'alice', { families: [4, 6], now: 2_000 });
    expect(again.map(text)).toEqual(released.map(text));
  });

  it('after a crash puts what was leased into quarantine, from which its owner gets it', async () => {
    const store = new MemoryLeaseStore();
    const lost = await leaseOne(await open({ store }), 'alice');
    const after = await open({ store, now: 5_000 });
    expect(after.nextExpiry()).toBe(65_000);
    expect(text(await leaseOne(after, 'bob', { now: 5_000 }))).not.toBe(text(lost));
    expect(text(await leaseOne(after, 'alice', { now: 5_000 }))).toBe(text(lost));
  });

  it('with other pools forgets what is outside of them, and the new gateway', async () => {
    const store = new MemoryLeaseStore();
    const before = await open({ store });
    await lease(before, 'alice', { preferred: ['10.0.0.5'] });
    await lease(before, 'bob', { preferred: ['10.0.0.2'] });
    const after = await open({ store, ipv4: ['10.0.0.4/30'], ipv6: [] });
    await after.flush();
    expect(after.usage().ipv4).toMatchObject({ total: 1, used: 0 });
    expect(store.records.size).toBe(0);
  });

  it('does not believe a quarantine that ends in the far future', async () => {
    const store = new MemoryLeaseStore();
    const before = await open({ store });
    before.release(await leaseOne(before, 'alice'), 10 ** 12);
    await before.flush();
    expect((await open({ store, now: 1_000 })).nextExpiry()).toBe(61_000);
  });

  it('finds the leases in a real database', async () => {
    await using temporary = await temporaryStore();
    const { clients, leases } = temporary.store;
    const alice = (await clients.create({ slug: 'alice', now: 1 }))?.uuid ?? raise();
    const before = await lease(await open({ store: leases }), alice, { families: [4, 6], now: 0.25 });
    expect(await leases.listByClient(alice)).toHaveLength(2);
    const after = await open({ store: leases, now: 9.75 });
    expect((await lease(after, alice, { families: [4, 6], now: 10.5 })).map(text)).toEqual(before.map(text));
    await after.flush();
  });
});

describe('several servers on one database', () => {
  it('never have the same address, although each thinks it free', async () => {
    await using temporary = await temporaryStore();
    const { clients, leases } = temporary.store;
    const names = ['alice', 'bob', 'carol', 'dave', 'eve', 'frank'];
    const created = await Promise.all(names.map((slug) => clients.create({ slug, now: 1 })));
    const uuids = created.map((client) => client?.uuid ?? raise());
    const servers = await Promise.all(['a', 'b', 'c'].map((id) => open({ store: leasesOf(leases, id) })));
    const leased = await Promise.all(
      uuids.slice(0, 5).map((uuid, index) => leaseOne(servers[index % 3] ?? raise(), uuid)),
    );
    expect(new Set(leased.map(text)).size).toBe(5);
    const [, , last] = servers;
    expect(
      await (last ?? raise()).lease({ clientUuid: uuids[5] ?? '', instance: '', families: [4], now: 5 }),
    ).toEqual({ ok: false, reason: 'exhausted', family: 4 });
  });

  it('leave what the others have to them when they start, and get it when it rests there no more', async () => {
    const store = new MemoryLeaseStore();
    store.onOtherServers.add('4 10.0.0.2');
    const pools = await open({ store, ipv4: ['10.0.0.0/30'] });
    expect(pools.usage().ipv4.available).toBe(0);
    store.onOtherServers.clear();
    pools.expire(10 * 60_000);
    expect(text(await leaseOne(pools, 'alice', { now: 10 * 60_000 }))).toBe('10.0.0.2');
  });

  it('take back what one of them finds in use elsewhere, and try the next address', async () => {
    const store = new MemoryLeaseStore();
    const pools = await open({ store });
    const before = await leaseOne(pools, 'alice');
    pools.release(before, 1);
    await pools.flush();
    store.onOtherServers.add(`4 ${text(before)}`);
    const after = await lease(pools, 'alice', { families: [4, 6], preferred: [text(before)], now: 2 });
    expect(after).toHaveLength(2);
    expect(after.map(text)).not.toContain(text(before));
    // The address that was given up counts as the other server's.
    expect(pools.usage().ipv4.used).toBe(2);
    expect(pools.usage().ipv6.used).toBe(1);
  });
});

describe('storing leases', () => {
  it('is done before they are promised', async () => {
    const store = new MemoryLeaseStore();
    const pools = await open({ store });
    const proceed = store.hold();
    let promised = false;
    const pending = leaseOne(pools, 'alice').then((one) => {
      promised = true;
      return one;
    });
    expect(pools.usage().ipv4.used).toBe(1);
    await new Promise(setImmediate);
    expect(promised).toBe(false);
    proceed();
    const one = await pending;
    expect(store.records.get(`4 ${text(one)}`)).toMatchObject({ clientUuid: 'alice', releasedAt: null });
  });

  it('takes few commits for many leases', async () => {
    const store = new MemoryLeaseStore();
    const pools = await open({ store, ipv4: ['10.0.0.0/16'] });
    await Promise.all(Array.from({ length: 1_000 }, (_, i) => leaseOne(pools, `client ${i}`)));
    expect(store.records.size).toBe(1_000);
    expect(store.commits).toBeLessThan(4);
  });

  it('that fails gives no lease, says so, and recovers with the store', async () => {
    const store = new MemoryLeaseStore();
    const pools = await open({ store });
    store.full = true;
    const request = { clientUuid: 'alice', instance: 'one', families: [4] as const, now: 0 };
    expect(await pools.lease(request)).toMatchObject({
      ok: false,
      reason: 'store',
      error: { code: 'STORE_FULL' },
    });
    expect(pools.usage().ipv4).toMatchObject({ used: 1, quarantined: 1 });
    store.full = false;
    const one = await leaseOne(pools, 'alice');
    expect([...store.records.keys()]).toEqual([`4 ${text(one)}`]);
  });

  it('of a release that failed is made up for by the next change', async () => {
    const store = new MemoryLeaseStore();
    const pools = await open({ store });
    const one = await leaseOne(pools, 'alice');
    store.full = true;
    pools.release(one, 1_000);
    await expect(pools.flush()).rejects.toMatchObject({ code: 'STORE_FULL' });
    store.full = false;
    await leaseOne(pools, 'bob');
    expect(store.records.get(`4 ${text(one)}`)).toMatchObject({
      releasedAt: 1_000,
      quarantinedUntil: 61_000,
    });
  });
});

describe('size', () => {
  it('of a /8 and a /64 costs nothing, and 20,000 leases are quick', async () => {
    const pools = await open({ ipv4: ['10.0.0.0/8'] });
    const started = performance.now();
    const leases = await Promise.all(
      Array.from({ length: 10_000 }, (_, i) => lease(pools, `client ${i}`, { families: [4, 6] })),
    );
    for (const one of leases.flat()) pools.release(one, 1);
    expect(pools.expire(quarantineMs + 1)).toHaveLength(20_000);
    expect(pools.usage().ipv4).toMatchObject({ total: 2 ** 24 - 3, used: 0 });
    // Far above what it takes (a fraction of a second), far below what anything quadratic would.
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('of a /20 is used up to the last address', async () => {
    const pools = await open({ ipv4: ['10.0.0.0/20'] });
    const leases = await Promise.all(Array.from({ length: 4_093 }, (_, i) => leaseOne(pools, `client ${i}`)));
    expect(new Set(leases.map(({ address: { value } }) => value)).size).toBe(4_093);
    await expect(lease(pools, 'one too many')).rejects.toThrow('exhausted');
    expect(pools.usage().ipv4).toEqual({ total: 4_093, used: 4_093, quarantined: 0, available: 0 });
  });
});

function raise(): never {
  throw new Error('missing');
}
