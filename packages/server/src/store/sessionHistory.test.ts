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
