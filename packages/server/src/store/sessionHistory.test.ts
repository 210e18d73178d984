import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryStore, type TemporaryStore } from './testing/temporaryStore.js';
import { uuidV7 } from './uuid.js';

describe('session history', () => {
  let temporary: TemporaryStore;
  beforeEach(async () => {
    temporary = await temporaryStore();
  });
  afterEach(async () => {
    await temporary[Symbol.asyncDispose]();
  });

  async function openSession(startedAt: number, clientUuid = 'alice'): Promise<string> {
    const uuid = uuidV7(startedAt);
    await temporary.store.sessionHistory.open({
      uuid,
      clientUuid,
      clientSlug: clientUuid,
      instance: 'laptop',
      remoteAddress: '192.0.2.1:5000',
      addresses: ['10.0.0.2', 'fd00::2'],
      startedAt,
    });
    return uuid;
  }

  const session = {
    clientUuid: 'alice',
    clientSlug: 'alice',
    instance: '',
    remoteAddress: '',
    addresses: [],
  };
  const ending = {
    endedAt: 2_000,
    cause: 'peerFinished',
    code: 0x100,
    bytesIn: 1,
    bytesOut: 2 ** 45,
    packetsIn: 3,
    packetsOut: 4,
  };

  it('records a session from its opening to its end', async () => {
    const { sessionHistory } = temporary.store;
    const uuid = await openSession(1_000);
    expect(await sessionHistory.find(uuid)).toMatchObject({
      addresses: ['10.0.0.2', 'fd00::2'],
      startedAt: 1_000,
      endedAt: null,
      cause: null,
    });
    await sessionHistory.close(uuid, ending);
    expect(await sessionHistory.find(uuid)).toMatchObject({ startedAt: 1_000, ...ending });
  });

  it('keeps the first ending', async () => {
    const { sessionHistory } = temporary.store;
    const uuid = await openSession(1_000);
    await sessionHistory.close(uuid, ending);
    await sessionHistory.close(uuid, { ...ending, cause: 'other' });
    expect((await sessionHistory.find(uuid))?.cause).toBe('peerFinished');
  });

  it('closes what a crash left open, and nothing else', async () => {
    const { sessionHistory } = temporary.store;
    const ended = await openSession(1_000);
    await sessionHistory.close(ended, ending);
    const cutOff = await openSession(1_500);
    expect(await sessionHistory.closeAbandoned(9_000, 'serverCrashed')).toBe(1);
    expect(await sessionHistory.find(cutOff)).toMatchObject({ endedAt: 9_000, cause: 'serverCrashed' });
    expect(await sessionHistory.find(ended)).toMatchObject({ endedAt: 2_000 });
  });

  it('closes what a crash of this server left open, not what another server has open', async () => {
    const { sessionHistory } = temporary.store;
    for (const server of ['here', 'there']) {
      await sessionHistory.open({ ...session, uuid: server, startedAt: 1, server });
    }
    await sessionHistory.open({ ...session, uuid: 'before', startedAt: 1 });
    expect(await sessionHistory.closeAbandoned(9_000, 'SERVER_CRASHED', 'here')).toBe(2);
    expect((await sessionHistory.list({ state: 'open' })).map(({ uuid }) => uuid)).toEqual(['there']);
  });

  it('tells what is open on other servers, and finds several at once', async () => {
    const { sessionHistory } = temporary.store;
    await openSession(1_000);
    for (const uuid of ['open', 'over']) {
      await sessionHistory.open({ ...session, uuid, startedAt: 1, server: 'there' });
    }
    await sessionHistory.open({ ...session, uuid: 'own', startedAt: 1, server: 'here' });
    await sessionHistory.close('over', ending);
    expect((await sessionHistory.openElsewhere('here')).map(({ uuid }) => uuid)).toEqual(['open']);
    const found = await sessionHistory.findAll(['own', 'over', 'nobody']);
    expect(found.map(({ uuid }) => uuid).toSorted()).toEqual(['over', 'own']);
    expect(await sessionHistory.findAll([])).toEqual([]);
  });

  it('is written as a part of a greater transaction, or not at all', async () => {
    const { store } = temporary;
    const notes = ['a', 'b'].map((uuid) => [uuid, { opening: { ...session, uuid, startedAt: 1 } }] as const);
    const work = store.atomically(async ({ sessionHistory }) => {
      await sessionHistory.record(notes);
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect(await store.sessionHistory.list()).toEqual([]);
    await store.atomically(({ sessionHistory }) => sessionHistory.record(notes));
    expect(await store.sessionHistory.list()).toHaveLength(2);
  });

  it('records requests that got no tunnel, which are no sessions', async () => {
    const { sessionHistory } = temporary.store;
    const opened = await openSession(1_000);
    const request = { clientUuid: 'alice', clientSlug: 'alice', remoteAddress: '192.0.2.1:1' };
    await sessionHistory.refuse({
      ...request,
      uuid: uuidV7(2_000),
      startedAt: 2_000,
      refusal: 'POOL_EXHAUSTED',
    });
    const refused = await sessionHistory.list({ state: 'refused' });
    expect(refused).toMatchObject([
      { refusal: 'POOL_EXHAUSTED', cause: null, startedAt: 2_000, endedAt: 2_000 },
    ]);
    expect(await sessionHistory.list({ state: 'ended' })).toEqual([]);
    expect((await sessionHistory.list({ state: 'open' })).map(({ uuid }) => uuid)).toEqual([opened]);
    expect(await sessionHistory.list({ cause: 'POOL_EXHAUSTED' })).toEqual(refused);
    expect(await sessionHistory.lastStarts()).toEqual(new Map([['alice', 1_000]]));
  });

  it('is found by time, cause and the name of a client that may be gone', async () => {
    const { sessionHistory } = temporary.store;
    const first = await openSession(1_000);
    const second = await openSession(2_000, 'bob');
    await sessionHistory.close(second, ending);
    const uuids = async (query: Parameters<typeof sessionHistory.list>[0]): Promise<string[]> =>
      (await sessionHistory.list(query)).map(({ uuid }) => uuid);
    expect(await uuids({ from: 1_000, until: 2_000 })).toEqual([first]);
    expect(await uuids({ from: 1_001 })).toEqual([second]);
    expect(await uuids({ cause: 'peerFinished' })).toEqual([second]);
    expect(await uuids({ clientSlug: 'bob', state: 'ended' })).toEqual([second]);
    expect(await uuids({ clientSlug: 'nobody' })).toEqual([]);
  });

  it('is listed newest first, by page and by client', async () => {
    const { sessionHistory } = temporary.store;
    const first = await openSession(1_000);
    const second = await openSession(2_000, 'bob');
    const third = await openSession(3_000);
    const uuids = async (query: Parameters<typeof sessionHistory.list>[0]): Promise<string[]> =>
      (await sessionHistory.list(query)).map(({ uuid }) => uuid);
    expect(await uuids({ limit: 2 })).toEqual([third, second]);
    expect(await uuids({ before: second })).toEqual([first]);
    expect(await uuids({ clientUuid: 'alice' })).toEqual([third, first]);
  });

  it('forgets old sessions but no live one', async () => {
    const { sessionHistory } = temporary.store;
    const ended = await openSession(1_000);
    await sessionHistory.close(ended, ending);
    const live = await openSession(1_000);
    expect(await sessionHistory.prune(2_000)).toBe(0);
    expect(await sessionHistory.prune(2_001)).toBe(1);
    expect((await sessionHistory.list()).map(({ uuid }) => uuid)).toEqual([live]);
  });
});
