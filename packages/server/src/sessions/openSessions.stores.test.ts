import { ManualClock } from '@masque-vpn/engine/fake';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sharedHistory } from '../servers/sharedHistory.js';
import type { Change } from '../store/changes.js';
import type { SessionEnding, SessionHistory, SessionOpening } from '../store/sessionHistory.js';
import { StoreError } from '../store/storeError.js';
import { describeStores, type TemporaryStore } from '../store/testing/temporaryStore.js';
import { OpenSessions } from './openSessions.js';

const ending: SessionEnding = {
  ...{ endedAt: 9, cause: 'peerClosed', code: null },
  ...{ bytesIn: 0, bytesOut: 0, packetsIn: 0, packetsOut: 0 },
};

describeStores('open sessions on several servers', (open) => {
  let temporary: TemporaryStore;
  let clock: ManualClock;
  let here: OpenSessions;
  let hear: (change: Change) => void;
  let lost: boolean;
  let opened: [clientUuid: string, startedAtMs: number][];
  beforeEach(async () => {
    temporary = await open();
    clock = new ManualClock();
    opened = [];
    lost = false;
    await record('there', 'before', { startedAt: 5 });
    const { sessionHistory } = temporary.store;
    const throwIfLost = (): void => {
      if (lost) throw new StoreError('STORE_UNAVAILABLE', 'gone');
    };
    here = new OpenSessions({
      store: {
        sessionHistory: Object.assign(Object.create(sessionHistory) as SessionHistory, {
          findAll: async (uuids: readonly string[]) => (throwIfLost(), sessionHistory.findAll(uuids)),
          openElsewhere: async (server: string) => (throwIfLost(), sessionHistory.openElsewhere(server)),
          lastStarts: () => sessionHistory.lastStarts(),
        }),
        changes: {
          publish: async () => undefined,
          subscribe: (listener) => {
            hear = listener;
            return { [Symbol.dispose]: () => undefined };
          },
        },
      },
      server: 'here',
      table: { ofClient: () => [] },
      onOpenedElsewhere: (clientUuid, startedAtMs) => opened.push([clientUuid, startedAtMs]),
      clock,
      logger: pino({ level: 'silent' }),
    });
    await here.settled();
  });
  afterEach(async () => {
    here[Symbol.dispose]();
    await temporary[Symbol.asyncDispose]();
  });

  /** A server writes what opens. */
  async function record(server: string, uuid: string, change: Partial<SessionOpening> = {}): Promise<void> {
    const opening = {
      ...{ uuid, clientUuid: 'alice', clientSlug: 'alice', instance: '', remoteAddress: '', server },
      ...{ addresses: [`10.0.0.${uuid.length}`], startedAt: 1, ...change },
    };
    await sharedHistory(temporary.store, server).record([[uuid, { opening }]]);
  }
  async function heard(change: Change): Promise<void> {
    hear(change);
    await here.settled();
  }

  it('are known from the start, where they are not its own', async () => {
    await record('here', 'own');
    await heard({ kind: 'resync' });
    expect(here.ofClient('alice')).toEqual([['10.0.0.6']]);
    expect(here.ofClient('bob')).toEqual([]);
    expect([here.isOnline('alice'), here.isOnline('bob')]).toEqual([true, false]);
    expect(opened).toContainEqual(['alice', 5]);
  });

  it('come and go with what the other servers write', async () => {
    await record('there', 'new', { addresses: ['10.0.0.9', 'fd00::9'], startedAt: 7 });
    await heard({ kind: 'history', id: 'new' });
    expect(here.ofClient('alice')).toEqual([['10.0.0.6'], ['10.0.0.9', 'fd00::9']]);
    expect(opened.at(-1)).toEqual(['alice', 7]);
    for (const uuid of ['new', 'before']) {
      await sharedHistory(temporary.store, 'there').record([[uuid, { ending }]]);
      await heard({ kind: 'history', id: uuid });
    }
    expect([here.ofClient('alice'), here.isOnline('alice')]).toEqual([[], false]);
  });

  it('one that was over before it was heard of counts as the last one', async () => {
    await record('there', 'short', { clientUuid: 'bob', startedAt: 8 });
    await sharedHistory(temporary.store, 'there').record([['short', { ending }]]);
    await heard({ kind: 'history', id: 'short' });
    expect(here.ofClient('bob')).toEqual([]);
    expect(opened.at(-1)).toEqual(['bob', 8]);
  });

  it('of a server that is gone are over', async () => {
    await temporary.store.sessionHistory.closeAbandoned(9, 'SERVER_GONE', 'there');
    await heard({ kind: 'server', id: 'there' });
    expect(here.ofClient('alice')).toEqual([]);
  });

  it('that cannot be read are read again until they can', async () => {
    await record('there', 'new');
    lost = true;
    await heard({ kind: 'history', id: 'new' });
    clock.advance(1_000);
    await here.settled();
    expect(here.ofClient('alice')).toHaveLength(1);
    lost = false;
    clock.advance(1_000);
    await here.settled();
    expect(here.ofClient('alice')).toHaveLength(2);
  });
});
