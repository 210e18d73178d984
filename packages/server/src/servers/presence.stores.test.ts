import { ManualClock } from '@masque-vpn/engine/fake';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { Store } from '../store/store.js';
import { describeStores } from '../store/testing/temporaryStore.js';
import { Presence } from './presence.js';

const minute = 60_000;

async function openSession(store: Store, server: string, address: string): Promise<void> {
  const clientUuid = (await store.clients.create({ slug: `c-${server}`, now: 1 }))?.uuid ?? '';
  const session = { clientSlug: 'c', instance: '', remoteAddress: '', addresses: [], startedAt: 1 };
  await store.sessionHistory.open({ ...session, uuid: `s-${server}`, clientUuid, server });
  const lease = { instance: '', lastUsedAt: 1, releasedAt: null, quarantinedUntil: null };
  await store.leases.apply({ put: [{ ...lease, family: 4, address, clientUuid }], remove: [] }, server);
}

describeStores('the presence of servers', (open) => {
  it('ends what a server left behind that says nothing for 15 minutes, and nothing before or of others', async () => {
    await using temporary = await open();
    const { store } = temporary;
    const clock = new ManualClock();
    const presence = (uuid: string): Presence =>
      new Presence({
        ...{ store, uuid, name: `host-${uuid}`, clock, logger: pino({ level: 'silent' }) },
        onGone: () => found.push(uuid),
      });
    const found: string[] = [];
    const [a, b] = [presence('a'), presence('b')];
    await openSession(store, 'a', '10.0.0.2');
    await openSession(store, 'b', '10.0.0.3');
    await a.attend();
    await b.attend();
    const lastSeen = Math.trunc(clock.now());

    clock.advance(15 * minute);
    await b.attend();
    expect((await store.sessionHistory.find('s-a'))?.endedAt).toBeNull();
    expect(await store.leases.elsewhere('b')).toHaveLength(1);
    expect(found).toEqual([]);

    clock.advance(minute);
    await b.attend();
    expect(found).toEqual(['b']);
    expect(await store.sessionHistory.find('s-a')).toMatchObject({ endedAt: lastSeen, cause: 'SERVER_GONE' });
    expect(await store.sessionHistory.find('s-b')).toMatchObject({ endedAt: null });
    expect(await store.leases.elsewhere('b')).toEqual([]);
    expect(await store.leases.elsewhere('c')).toEqual([{ family: 4, address: '10.0.0.3' }]);
    expect((await store.servers.list()).map(({ name }) => name)).toEqual(['host-b']);

    // It was only cut off: it is one of them again.
    await a.attend();
    expect((await store.servers.list()).map(({ name }) => name)).toEqual(['host-a', 'host-b']);
  });
});
