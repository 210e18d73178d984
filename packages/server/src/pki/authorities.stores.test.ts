import { X509Certificate } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localActor, systemActor } from '../audit/actor.js';
import { describeStores } from '../store/testing/temporaryStore.js';
import type { Authorities } from './authorities.js';
import { CertificateAuthority } from './authority.js';
import { privateKeyPem } from './keys.js';
import { MasterKey } from './masterKey.js';
import type { PkiResult } from './pkiError.js';
import { makeCsr } from './testing/csr.js';
import { TemporaryPki } from './testing/temporaryAuthorities.js';

const start = Date.UTC(2026, 0, 15);
const hour = 3_600_000;
const day = 24 * hour;

describeStores('certificate authorities', () => {
  let pki: TemporaryPki;
  beforeEach(async () => {
    pki = await TemporaryPki.open();
  });
  afterEach(async () => {
    await pki[Symbol.asyncDispose]();
  });

  const file = (name: string): string => join(pki.directory, name);
  const read = (name: string): string => readFileSync(file(name), 'utf8');

  async function codeOf(result: Promise<PkiResult<unknown>>): Promise<string> {
    const settled = await result;
    return settled.ok ? 'ok' : settled.error.code;
  }

  /** The state folder of a version that kept the key in clear. */
  async function olderState(): Promise<CertificateAuthority> {
    const authority = await CertificateAuthority.make(start);
    writeFileSync(file('ca.pem'), authority.certificatePem);
    writeFileSync(file('ca.key'), privateKeyPem(authority.privateKey), { mode: 0o600 });
    return authority;
  }

  /** Records a client's certificate by whoever issues now. */
  async function enrol(authorities: Authorities, now: number): Promise<string> {
    const { store } = pki.temporary;
    const client =
      (await store.clients.findBySlug('alice')) ?? (await store.clients.create({ slug: 'alice', now }));
    const issued = await authorities.issueClientCertificate({
      csrPem: await makeCsr(),
      clientId: 'alice',
      now,
    });
    if (!issued.ok || client === null) throw new Error('not enrolled');
    await store.certificates.insert({ ...issued.value, clientUuid: client.uuid, createdAt: now });
    return issued.value.sha256;
  }

  describe('at the first start', () => {
    it('is made, and is the same ever after', async () => {
      const first = await pki.started(start);
      expect(first.live).toHaveLength(1);
      expect((await pki.started(start + day)).issuing.sha256).toBe(first.issuing.sha256);
      expect(await pki.temporary.store.audit.list()).toMatchObject([
        { actor: systemActor, action: 'authority.create', target: first.issuing.sha256 },
      ]);
    });

    it('is written so that only its owner reads the key, which only the master key opens', async () => {
      const { issuing } = await pki.started(start);
      expect(readdirSync(pki.directory).toSorted()).toEqual(['ca.key', 'ca.pem']);
      expect(statSync(file('ca.key')).mode & 0o777).toBe(0o600);
      expect(read('ca.pem')).toBe(issuing.certificatePem);
      expect(read('ca.key')).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
      const opened = pki.masterKey.decrypt(read('ca.key'));
      expect(opened === null ? null : privateKeyPem(opened)).toBe(privateKeyPem(issuing.privateKey));
      const rows = JSON.stringify(await pki.temporary.store.authorities.list());
      expect(rows).not.toContain('BEGIN PRIVATE KEY');
    });

    it('is made once by servers that start at the same time', async () => {
      const folders = ['1', '2', '3'].map((name) => file(name));
      for (const folder of folders) mkdirSync(folder);
      const servers = await Promise.all(folders.map((folder) => pki.started(start, folder)));
      expect(new Set(servers.map(({ issuing }) => issuing.sha256)).size).toBe(1);
      expect(await pki.temporary.store.authorities.list()).toHaveLength(1);
    });

    it('says so when it cannot be written (PKI_UNWRITABLE)', async () => {
      rmSync(pki.directory, { recursive: true });
      expect(await codeOf(pki.start(start))).toBe('PKI_UNWRITABLE');
      writeFileSync(pki.directory, '');
    });
  });

  describe('of an older version', () => {
    it('is taken over, and its key encrypted', async () => {
      const older = await olderState();
      const { issuing } = await pki.started(start + day);
      expect(issuing.sha256).toBe(older.sha256);
      expect(read('ca.key')).not.toContain('BEGIN PRIVATE KEY');
      expect(pki.masterKey.decrypt(read('ca.key'))).not.toBeNull();
      expect(await pki.temporary.store.audit.list()).toMatchObject([{ action: 'authority.import' }]);
    });

    it('is taken over from encrypted files when the database was lost', async () => {
      const first = await pki.started(start);
      await using other = await TemporaryPki.open();
      other.masterKey = pki.masterKey;
      for (const name of ['ca.pem', 'ca.key']) copyFileSync(file(name), join(other.directory, name));
      expect((await other.started(start)).issuing.sha256).toBe(first.issuing.sha256);
    });

    it.each(['ca.pem', 'ca.key'])('without %s is never made anew (PKI_CA_INCOMPLETE)', async (missing) => {
      await olderState();
      rmSync(file(missing));
      expect(await codeOf(pki.start(start))).toBe('PKI_CA_INCOMPLETE');
      expect(readdirSync(pki.directory)).toHaveLength(1);
      expect(await pki.temporary.store.authorities.list()).toEqual([]);
    });

    it.each(['ca.pem', 'ca.key'])('with a damaged %s is refused (PKI_CA_INVALID)', async (damaged) => {
      await olderState();
      writeFileSync(file(damaged), '-----BEGIN NONSENSE-----');
      const result = await pki.start(start);
      expect(result).toMatchObject({ ok: false, error: { code: 'PKI_CA_INVALID' } });
      expect(result.ok ? '' : result.error.message).toContain(damaged);
    });

    it('with the key of another is refused (PKI_CA_MISMATCH)', async () => {
      await olderState();
      const other = await CertificateAuthority.make(start);
      writeFileSync(file('ca.key'), privateKeyPem(other.privateKey));
      expect(await codeOf(pki.start(start))).toBe('PKI_CA_MISMATCH');
    });

    it('with a leaf instead of its certificate is refused (PKI_CA_INVALID)', async () => {
      const older = await olderState();
      const csrPem = await makeCsr();
      const issued = await older.issueClientCertificate({ csrPem, clientId: 'a', now: start });
      writeFileSync(file('ca.pem'), issued.ok ? issued.value.pem : '');
      expect(await codeOf(pki.start(start))).toBe('PKI_CA_INVALID');
    });

    it('that cannot be read is refused (PKI_CA_UNREADABLE)', async () => {
      rmSync(pki.directory, { recursive: true });
      writeFileSync(pki.directory, '');
      expect(await codeOf(pki.start(start))).toBe('PKI_CA_UNREADABLE');
    });

    it('loses the rights of others on its key', async () => {
      await olderState();
      chmodSync(file('ca.key'), 0o644);
      await pki.started(start);
      expect(statSync(file('ca.key')).mode & 0o777).toBe(0o600);
    });
  });

  it('are not opened with another master key (PKI_MASTER_KEY_WRONG)', async () => {
    await pki.started(start);
    pki.masterKey = new MasterKey('another master key', { source: 'environment', file: null });
    expect(await codeOf(pki.start(start))).toBe('PKI_MASTER_KEY_WRONG');
  });

  it('that have expired are refused (PKI_CA_EXPIRED)', async () => {
    await pki.started(start);
    expect(await codeOf(pki.start(start + 3_651 * day))).toBe('PKI_CA_EXPIRED');
  });

  it('have their files put back from the database', async () => {
    const { issuing } = await pki.started(start);
    rmSync(file('ca.key'));
    writeFileSync(file('ca.pem'), 'damaged');
    await pki.started(start);
    expect(read('ca.pem')).toBe(issuing.certificatePem);
    expect(pki.masterKey.decrypt(read('ca.key'))).not.toBeNull();
  });

  describe('in a rollover', () => {
    it('are both trusted: the new one certifies clients, the old one servers', async () => {
      const authorities = await pki.started(start);
      const old = authorities.issuing;
      let changes = 0;
      using _ = authorities.subscribe(() => (changes += 1));
      const begun = await authorities.rollOver(localActor, start + day);
      expect(begun.ok && begun.value).toBe(authorities.issuing);
      expect(authorities.serving).toBe(old);
      expect(authorities.issuing).not.toBe(old);
      expect(changes).toBe(1);
      expect(authorities.anchorsPem).toBe(authorities.issuing.certificatePem + old.certificatePem);
      const sha256 = await enrol(authorities, start + day);
      expect(await pki.temporary.store.certificates.find(sha256)).toMatchObject({
        issuerSha256: authorities.issuing.sha256,
      });
      expect(await pki.temporary.store.audit.list({ action: 'authority.rollover' })).toMatchObject([
        { actor: localActor, target: authorities.issuing.sha256, detail: { replaces: old.sha256 } },
      ]);
    });

    it.each([0, day])(
      'survive a restart in their roles, begun %i ms after the first start',
      async (later) => {
        const before = await pki.started(start);
        await before.rollOver(localActor, start + later);
        const after = await pki.started(start + day);
        expect([after.issuing.sha256, after.serving.sha256]).toEqual([
          before.issuing.sha256,
          before.serving.sha256,
        ]);
        expect(read('ca.pem')).toBe(after.anchorsPem);
      },
    );

    it('are never more than two (PKI_ROLLOVER_UNDER_WAY)', async () => {
      const authorities = await pki.started(start);
      await authorities.rollOver(localActor, start);
      expect(await codeOf(authorities.rollOver(localActor, start + 1))).toBe('PKI_ROLLOVER_UNDER_WAY');
      expect(authorities.live).toHaveLength(2);
    });

    it('end when no certificate of the old one is usable any more, and its key is destroyed', async () => {
      const authorities = await pki.started(start);
      const old = authorities.serving;
      await enrol(authorities, start);
      await authorities.rollOver(localActor, start + day);
      await enrol(authorities, start + 20 * day);
      expect(await authorities.dependents(old, start + day)).toEqual({
        certificates: 1,
        lastExpiry: start + 30 * day,
        enrolments: 0,
      });
      expect(await authorities.settle(start + 30 * day)).toBe(false);
      expect(await authorities.settle(start + 30 * day + 1)).toBe(true);
      expect(authorities.live).toEqual([authorities.issuing]);
      expect(authorities.serving).toBe(authorities.issuing);
      const records = await pki.temporary.store.authorities.list();
      expect(records.find(({ sha256 }) => sha256 === old.sha256)).toMatchObject({ encryptedKeyPem: null });
      expect(read('ca.pem')).toBe(authorities.issuing.certificatePem);
    });

    it('wait for links that name only the old one, and for certificates of which nobody knows the issuer', async () => {
      const authorities = await pki.started(start);
      const { store } = pki.temporary;
      const alice = await store.clients.create({ slug: 'alice', now: start });
      const link = (secretSha256: string, now: number) =>
        store.enrolments.create({
          ...{ clientUuid: alice?.uuid ?? '', secretSha256, createdBy: 'root', now },
          expiresAt: now + 100 * day,
        });
      const before = await link('a', start);
      await authorities.rollOver(localActor, start + day);
      await link('b', start + 2 * day);
      expect(await authorities.settle(start + 3 * day)).toBe(false);
      await store.enrolments.revoke(before.uuid, start + 3 * day);
      await store.certificates.insert({
        ...{ sha256: 'aa', serial: '01', clientUuid: alice?.uuid ?? '', createdAt: 0 },
        ...{ notBefore: 0, notAfter: start + 4 * day },
      });
      expect(await authorities.settle(start + 4 * day)).toBe(false);
      expect(await authorities.settle(start + 4 * day + 1)).toBe(true);
    });

    it('never end within an hour: other servers have to hear of it', async () => {
      const authorities = await pki.started(start);
      expect(await authorities.settle(start + day)).toBe(false);
      await authorities.rollOver(localActor, start + 1);
      expect(await authorities.settle(start + hour)).toBe(false);
      expect(await authorities.settle(start + hour + 1)).toBe(true);
    });

    it('end at once when an administrator says so', async () => {
      const authorities = await pki.started(start);
      const old = authorities.serving;
      expect(await codeOf(authorities.retire(old.sha256, localActor, start))).toBe('PKI_AUTHORITY_ISSUING');
      expect(await codeOf(authorities.retire('aa', localActor, start))).toBe('PKI_AUTHORITY_UNKNOWN');
      await enrol(authorities, start);
      await authorities.rollOver(localActor, start);
      expect(await codeOf(authorities.retire(old.sha256, localActor, start + 1))).toBe('ok');
      expect(authorities.live.map(({ sha256 }) => sha256)).toEqual([authorities.issuing.sha256]);
    });

    it('are heard of by another server on the same database', async () => {
      const [one, other] = [await pki.started(start), await pki.started(start)];
      let changes = 0;
      using _ = other.subscribe(() => (changes += 1));
      await one.rollOver(localActor, start);
      expect(await other.reload()).toEqual({ ok: true, value: undefined });
      expect(await other.reload()).toEqual({ ok: true, value: undefined });
      expect(changes).toBe(1);
      expect(other.issuing.sha256).toBe(one.issuing.sha256);
      const issued = await other.issueClientCertificate({
        csrPem: await makeCsr(),
        clientId: 'a',
        now: start,
      });
      expect(issued.ok && one.issuing.issued(new X509Certificate(issued.value.pem))).toBe(true);
    });
  });
});
