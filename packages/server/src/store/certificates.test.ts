import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryStore, type TemporaryStore } from './testing/temporaryStore.js';

describe('certificates', () => {
  let temporary: TemporaryStore;
  beforeEach(async () => {
    temporary = await temporaryStore();
  });
  afterEach(async () => {
    await temporary[Symbol.asyncDispose]();
  });

  async function aliceWithCertificate(): Promise<string> {
    const { clients, certificates } = temporary.store;
    const alice = await clients.create({ slug: 'alice', now: 7 });
    const clientUuid = alice?.uuid ?? '';
    await certificates.insert({
      sha256: 'aa',
      clientUuid,
      serial: '01',
      notBefore: 1_000,
      notAfter: 2_000,
      createdAt: 1_000.2,
    });
    return clientUuid;
  }

  it('are read as they were recorded', async () => {
    const clientUuid = await aliceWithCertificate();
    expect(await temporary.store.certificates.list()).toEqual([
      {
        sha256: 'aa',
        clientUuid,
        serial: '01',
        notBefore: 1_000,
        notAfter: 2_000,
        createdAt: 1_000,
        revokedAt: null,
      },
    ]);
  });

  it('need a client', async () => {
    const stray = {
      sha256: 'cc',
      clientUuid: 'nobody',
      serial: '02',
      notBefore: 0,
      notAfter: 1,
      createdAt: 0,
    };
    await expect(temporary.store.certificates.insert(stray)).rejects.toMatchObject({
      code: 'STORE_QUERY_FAILED',
    });
  });

  it('are revoked once, and the first time stays', async () => {
    await aliceWithCertificate();
    const { certificates } = temporary.store;
    expect(await certificates.revoke('aa', 1_500)).toBe(true);
    expect(await certificates.revoke('aa', 1_600)).toBe(false);
    expect(await certificates.list()).toMatchObject([{ revokedAt: 1_500 }]);
  });

  it('are listed page by page', async () => {
    const clientUuid = await aliceWithCertificate();
    const { certificates } = temporary.store;
    await certificates.insert({
      sha256: 'bb',
      clientUuid,
      serial: '02',
      notBefore: 0,
      notAfter: 1,
      createdAt: 2_000,
    });
    expect(await certificates.list({ limit: 1 })).toMatchObject([{ sha256: 'aa' }]);
    expect(await certificates.list({ after: 'aa', limit: 1 })).toMatchObject([{ sha256: 'bb' }]);
    expect(await certificates.list({ after: 'bb', limit: 1 })).toEqual([]);
  });
});
