import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { pino } from 'pino';
import { describe, expect, inject, it, vi } from 'vitest';
import type { Change } from './changes.js';
import { openStore, type Store, type StoreLocation } from './store.js';
import { query } from './testing/postgresCluster.js';
import { temporaryStore } from './testing/temporaryStore.js';

const client = { kind: 'client', id: 'u1' } as const;

/** A second server on the same database, and what it hears. */
async function follower(
  location: StoreLocation,
): Promise<AsyncDisposable & { readonly store: Store; readonly heard: Change[] }> {
  const opened = await openStore({ location, clock: { now: () => 1 }, logger: pino({ level: 'silent' }) });
  if (!opened.ok) throw opened.error;
  const store = opened.value;
  const heard: Change[] = [];
  store.changes.subscribe((change) => heard.push(change));
  return { store, heard, [Symbol.asyncDispose]: () => store.close() };
}

describe('changes', () => {
  it('reach the other servers, not the one that made them', async () => {
    await using temporary = await temporaryStore();
    await using a = await follower(temporary.location);
    await using b = await follower(temporary.location);
    await a.store.changes.publish(client);
    await b.store.changes.publish({ kind: 'policy', id: '' });
    await vi.waitFor(() => expect([a.heard, b.heard]).toEqual([[{ kind: 'policy', id: '' }], [client]]));
  });

  it('of a transaction are heard when it is committed, and then what it wrote is there', async () => {
    await using temporary = await temporaryStore();
    const { store } = temporary;
    await using other = await follower(temporary.location);
    const seen: (string | null)[] = [];
    other.store.changes.subscribe(
      () => void other.store.settings.get('made').then((value) => seen.push(value)),
    );
    await store.atomically(async ({ changes, settings }) => {
      await changes.publish(client);
      await settings.set('made', 'yes');
    });
    await vi.waitFor(() => expect(seen).toEqual(['yes']));
  });

  it('of a transaction that failed are never heard', async () => {
    await using temporary = await temporaryStore();
    const { store } = temporary;
    await using other = await follower(temporary.location);
    const work = store.atomically(async ({ changes }) => {
      await changes.publish(client);
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    await store.changes.publish({ kind: 'group', id: 'later' });
    await vi.waitFor(() => expect(other.heard).toEqual([{ kind: 'group', id: 'later' }]));
  });

  it('are not told to a listener that ended, and one that throws does not harm the others', async () => {
    await using temporary = await temporaryStore();
    await using other = await follower(temporary.location);
    other.store.changes.subscribe(() => {
      throw new Error('bug');
    });
    const late: Change[] = [];
    const subscription = other.store.changes.subscribe((change) => late.push(change));
    await temporary.store.changes.publish(client);
    await vi.waitFor(() => expect(late).toEqual([client]));
    subscription[Symbol.dispose]();
    await temporary.store.changes.publish(client);
    await vi.waitFor(() => expect(other.heard).toHaveLength(2));
    expect(late).toHaveLength(1);
  });

  it('from before somebody subscribed are told each once, before what comes later', async () => {
    await using temporary = await temporaryStore();
    await using other = await follower(temporary.location);
    const group = { kind: 'group', id: 'g' } as const;
    for (const change of [client, group, client]) await temporary.store.changes.publish(change);
    await vi.waitFor(() => expect(other.heard).toHaveLength(3));
    const late: Change[] = [];
    const early: Change[] = [];
    other.store.changes.subscribe((change) => late.push(change));
    other.store.changes.subscribe((change) => early.push(change))[Symbol.dispose]();
    expect(late).toEqual([]);
    await temporary.store.changes.publish({ kind: 'policy', id: '' });
    await vi.waitFor(() => expect(late).toEqual([client, group, { kind: 'policy', id: '' }]));
    expect(early).toEqual([]);
  });

  it('from before somebody subscribed are one "resync" when they were many', async () => {
    await using temporary = await temporaryStore();
    await using other = await follower(temporary.location);
    const many = Array.from({ length: 1_001 }, (_, index) => ({ kind: 'client', id: `u${index}` }) as const);
    await temporary.store.changes.publish(...many);
    await vi.waitFor(() => expect(other.heard).toHaveLength(many.length));
    const late: Change[] = [];
    other.store.changes.subscribe((change) => late.push(change));
    await vi.waitFor(() => expect(late).toEqual([{ kind: 'resync' }]));
  });

  it('of other programs on the same channel are ignored', async () => {
    await using temporary = await temporaryStore();
    await using other = await follower(temporary.location);
    const database = temporary.location.kind === 'postgres' ? temporary.location.address.database : '';
    for (const payload of ['', 'hello', '{"origin":1}', '{"origin":"x","kind":"moon","id":"1"}']) {
      await query(inject('postgres'), `select pg_notify('masque_vpn_changes', '${payload}')`, database);
    }
    await temporary.store.changes.publish(client);
    await vi.waitFor(() => expect(other.heard).toEqual([client]));
  });

  it('that may have been missed while the connection was broken end in one "resync"', async () => {
    await using temporary = await temporaryStore();
    await using wire = await breakableWire(inject('postgres').socketFolder);
    const { location } = temporary;
    if (location.kind !== 'postgres') throw new Error('not on PostgreSQL');
    await using other = await follower({
      ...location,
      address: { ...location.address, host: '127.0.0.1', port: wire.port },
    });
    wire.break();
    await vi.waitFor(() => expect(other.store.available).toBe(false));
    await temporary.store.changes.publish(client);
    expect(other.heard).toEqual([]);
    wire.mend();
    await vi.waitFor(() => expect(other.heard).toEqual([{ kind: 'resync' }]), { timeout: 10_000 });
    expect(other.store.available).toBe(true);
    await temporary.store.changes.publish(client);
    await vi.waitFor(() => expect(other.heard).toEqual([{ kind: 'resync' }, client]));
  });
});

/** A TCP port in front of the cluster's Unix socket that can refuse everybody for a while. */
async function breakableWire(
  socketFolder: string,
): Promise<AsyncDisposable & { readonly port: number; break(): void; mend(): void }> {
  const open = new Set<() => void>();
  let broken = false;
  const server: Server = createServer((near) => {
    if (broken) {
      near.destroy();
      return;
    }
    const far = connect(`${socketFolder}/.s.PGSQL.5432`);
    const end = (): void => {
      near.destroy();
      far.destroy();
      open.delete(end);
    };
    open.add(end);
    for (const socket of [near, far]) socket.on('error', end).on('close', end);
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const cut = (): void => {
    for (const end of open) end();
  };
  return {
    port: address.port,
    break: () => {
      broken = true;
      cut();
    },
    mend: () => {
      broken = false;
    },
    [Symbol.asyncDispose]: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
