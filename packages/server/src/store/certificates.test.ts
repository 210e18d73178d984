import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CertificateQuery } from './certificates.js';
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
        revocationReason: null,
        origin: 'issued',
        issuerSha256: null,
      },
    ]);
  });

  it('are recorded once: the same again is no other client’s', async () => {
    const clientUuid = await aliceWithCertificate();
    const again = { sha256: 'aa', clientUuid, serial: '09', notBefore: 0, notAfter: 1, createdAt: 0 };
    expect(await temporary.store.certificates.insert(again)).toBe(false);
    expect(await temporary.store.certificates.find('aa')).toMatchObject({ serial: '01' });
    expect(await temporary.store.certificates.find('ab')).toBeNull();
  });

  it('are found by client, origin and use', async () => {
    const alice = await aliceWithCertificate();
    const { certificates, clients } = temporary.store;
    const bob = await clients.create({ slug: 'bob', now: 8 });
    await certificates.insert({
      ...{ sha256: 'bb', clientUuid: bob?.uuid ?? '', serial: '02', origin: 'imported' },
      ...{ notBefore: 0, notAfter: 5_000, createdAt: 1 },
    });
    const found = async (query: CertificateQuery): Promise<string[]> =>
      (await certificates.list(query)).map(({ sha256 }) => sha256);
    expect(await found({ clientUuid: alice })).toEqual(['aa']);
    expect(await found({ origin: 'imported' })).toEqual(['bb']);
    expect(await found({ usableAt: 2_000 })).toEqual(['aa', 'bb']);
    expect(await found({ usableAt: 2_001 })).toEqual(['bb']);
    await certificates.revoke('bb', 1, 'lost');
    expect(await found({ usableAt: 0 })).toEqual(['aa']);
    expect(await certificates.find('bb')).toMatchObject({ revokedAt: 1, revocationReason: 'lost' });
  });

  it('tell how many depend on an authority, and how long', async () => {
    const clientUuid = await aliceWithCertificate();
    const { certificates } = temporary.store;
    const issue = (sha256: string, issuerSha256: string, notAfter: number): Promise<boolean> =>
      certificates.insert({
        ...{ sha256, issuerSha256, notAfter },
        ...{ clientUuid, serial: '03', notBefore: 0, createdAt: 1 },
      });
    await issue('c1', 'old', 3_000);
    await issue('c2', 'old', 4_000);
    await issue('c3', 'new', 9_000);
    expect(await certificates.dependents('old', 1_000, false)).toEqual({
      certificates: 2,
      lastExpiry: 4_000,
    });
    expect(await certificates.dependents('old', 1_000, true)).toEqual({ certificates: 3, lastExpiry: 4_000 });
    await certificates.revoke('c2', 1);
    expect(await certificates.dependents('old', 3_000, true)).toEqual({ certificates: 1, lastExpiry: 3_000 });
    expect(await certificates.dependents('old', 3_001, true)).toEqual({ certificates: 0, lastExpiry: 0 });
  });

  it('are forgotten some time after they expired', async () => {
    await aliceWithCertificate();
    expect(await temporary.store.certificates.prune(2_000)).toBe(0);
    expect(await temporary.store.certificates.prune(2_001)).toBe(1);
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
