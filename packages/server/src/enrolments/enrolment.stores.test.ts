import { parseEnrolmentLink, type Redemption } from '@masque-vpn/protocol';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localActor } from '../audit/actor.js';
import { ClientDirectory } from '../clients/directory.js';
import { CertificateAuthority } from '../pki/authority.js';
import { makeCsr } from '../pki/testing/csr.js';
import type { ClientRecord } from '../store/clients.js';
import { describeStores, type TemporaryStore } from '../store/testing/temporaryStore.js';
import { Certification } from './certification.js';
import type { ClientBriefing } from './endpoint.js';
import { Enrolments } from './enrolments.js';

const start = Date.UTC(2026, 5, 1);
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

describeStores('enrolment', (open) => {
  let temporary: TemporaryStore;
  let directory: ClientDirectory;
  let enrolments: Enrolments;
  let certification: Certification;
  let client: ClientRecord;
  let now: number;

  beforeEach(async () => {
    now = start;
    temporary = await open();
    const { store } = temporary;
    const made = await store.clients.create({ slug: 'alice', now });
    if (made === null) throw new Error('no client');
    client = made;
    directory = await ClientDirectory.load(store);
    const shared = {
      ...{ store, directory, briefing, feed: { publish: () => undefined } },
      authorities: await CertificateAuthority.make(now),
      clock: { now: () => now },
      logger: pino({ level: 'silent' }),
    };
    enrolments = new Enrolments(shared);
    certification = new Certification(shared);
  });
  afterEach(async () => {
    await temporary[Symbol.asyncDispose]();
  });

  const briefing: ClientBriefing = {
    endpoint: (host) => ({
      host: host ?? 'vpn.example.org',
      port: 443,
      url: 'https://vpn.example.org/',
      addressHints: ['192.0.2.1'],
    }),
    trust: { anchorsPem: 'A', system: false },
    linkTrust: { sha256: ['ab'.repeat(32)], system: false },
  };

  async function link(host: string | null = null): Promise<{ uuid: string; link: string; secret: string }> {
    const made = await enrolments.create('alice', { lifetimeMs: day, host }, localActor);
    if (!made.ok) throw new Error(made.error.message);
    const parsed = parseEnrolmentLink(made.value.link);
    if (!parsed.ok) throw new Error(parsed.error.message);
    return { ...made.value, secret: parsed.value.secret };
  }

  async function codeOf(redemption: Redemption): Promise<string> {
    const outcome = await certification.redeem(redemption, '192.0.2.7');
    return outcome.ok ? 'ok' : outcome.error.code;
  }

  async function enrolled(): Promise<{ readonly sha256: string; readonly notAfterMs: number }> {
    const { secret } = await link();
    const outcome = await certification.redeem({ secret, csrPem: await makeCsr() }, '192.0.2.7');
    if (!outcome.ok) throw new Error(outcome.error.message);
    const [newest] = (await temporary.store.certificates.list()).toSorted((a, b) => b.notAfter - a.notAfter);
    return { sha256: newest?.sha256 ?? '', notAfterMs: outcome.value.notAfterMs };
  }

  async function renewal(sha256: string, csrPem?: string): Promise<string> {
    const outcome = await certification.renew({ sha256, csrPem: csrPem ?? (await makeCsr()) }, '192.0.2.7');
    return outcome.ok ? 'ok' : outcome.error.code;
  }

  async function audited(action: string): Promise<readonly unknown[]> {
    return (await temporary.store.audit.list({ action })).map(({ actor, target, detail }) => ({
      actor,
      target,
      detail,
    }));
  }

  describe('by link', () => {
    it('leads to a certificate for the client, with all it needs to connect', async () => {
      const { secret, uuid } = await link();
      const csrPem = await makeCsr();
      const outcome = await certification.redeem({ secret, csrPem, instance: 'i' }, '192.0.2.7');
      expect(outcome).toMatchObject({
        ok: true,
        value: {
          clientId: 'alice',
          serverTrust: briefing.trust,
          url: 'https://vpn.example.org/',
          addressHints: ['192.0.2.1'],
          notAfterMs: now + 30 * day,
          renewAfterMs: now + 20 * day,
          serverTimeMs: now,
        },
      });
      const [certificate] = await temporary.store.certificates.list();
      expect(certificate).toMatchObject({ clientUuid: client.uuid, origin: 'issued', createdAt: now });
      expect(directory.identify(certificate?.sha256 ?? '', now)).toMatchObject({ known: true });
      expect(await audited('enrolment.redeem')).toEqual([
        {
          actor: { kind: 'client', name: 'alice', remoteAddress: '192.0.2.7' },
          target: 'alice',
          detail: {
            enrolment: uuid,
            instance: 'i',
            certificateSha256: certificate?.sha256,
            notAfterMs: now + 30 * day,
          },
        },
      ]);
    });

    it('never lets the secret into the database', async () => {
      const { secret } = await link();
      await codeOf({ secret, csrPem: await makeCsr() });
      const { store } = temporary;
      const all = [await store.enrolments.list(), await store.audit.list(), await store.clients.list()];
      expect(JSON.stringify(all)).not.toContain(secret);
      expect(await store.enrolments.findBySecret(secret)).toBeNull();
    });

    it('names the host that was asked for', async () => {
      expect((await link('2001:db8::1')).link).toMatch(/^masque-vpn:\/\/\[2001:db8::1]:443\/enroll#/);
    });

    it('succeeds once, however many try at once (ENROLMENT_USED)', async () => {
      const { secret } = await link();
      const requests = await Promise.all(Array.from({ length: 12 }, () => makeCsr()));
      const codes = await Promise.all(requests.map((csrPem) => codeOf({ secret, csrPem })));
      expect(codes.toSorted()).toEqual([...Array.from({ length: 11 }, () => 'ENROLMENT_USED'), 'ok']);
      expect(await temporary.store.certificates.list()).toHaveLength(1);
      expect(await audited('enrolment.redeem')).toHaveLength(1);
    });

    it('can be repeated for a while by whoever has the key: answers get lost', async () => {
      const { secret } = await link();
      const csrPem = await makeCsr();
      expect(await codeOf({ secret, csrPem })).toBe('ok');
      now += 10 * minute - 1;
      expect(await codeOf({ secret, csrPem: await makeCsr() })).toBe('ENROLMENT_USED');
      expect(await codeOf({ secret, csrPem })).toBe('ok');
      now += 1;
      expect(await codeOf({ secret, csrPem })).toBe('ENROLMENT_USED');
    });

    it('fails for a secret of nobody, and when the link has expired or was taken back', async () => {
      const csrPem = await makeCsr();
      expect(await codeOf({ secret: 'x'.repeat(32), csrPem })).toBe('ENROLMENT_UNKNOWN');
      const late = await link();
      const revoked = await link();
      expect(await enrolments.revoke(revoked.uuid, localActor)).toMatchObject({ ok: true });
      expect(await codeOf({ secret: revoked.secret, csrPem })).toBe('ENROLMENT_REVOKED');
      now += day;
      expect(await codeOf({ secret: late.secret, csrPem })).toBe('ENROLMENT_EXPIRED');
    });

    it('fails for a bad request or a disabled client without using the link up', async () => {
      const { secret } = await link();
      expect(await codeOf({ secret, csrPem: await makeCsr('p521') })).toBe('PKI_WEAK_KEY');
      expect(await codeOf({ secret, csrPem: 'nothing' })).toBe('PKI_BAD_CSR');
      const { clients } = temporary.store;
      await clients.update(client.uuid, { enabled: false }, { now, version: null });
      expect(await codeOf({ secret, csrPem: await makeCsr() })).toBe('CLIENT_DISABLED');
      await clients.update(client.uuid, { enabled: true, expiresAt: now }, { now, version: null });
      expect(await codeOf({ secret, csrPem: await makeCsr() })).toBe('CLIENT_EXPIRED');
      await clients.update(client.uuid, { expiresAt: null }, { now, version: null });
      expect(await codeOf({ secret, csrPem: await makeCsr() })).toBe('ok');
    });

    it('is over with the client', async () => {
      const { secret } = await link();
      await temporary.store.clients.delete(client.uuid);
      expect(await codeOf({ secret, csrPem: await makeCsr() })).toBe('ENROLMENT_UNKNOWN');
    });
  });

  describe('as administrators see it', () => {
    it('needs a client (CLIENT_NOT_FOUND)', async () => {
      const made = await enrolments.create('bob', { lifetimeMs: day, host: null }, localActor);
      expect(made).toMatchObject({ ok: false, error: { code: 'CLIENT_NOT_FOUND' } });
    });

    it('is audited, and taken back once', async () => {
      const { uuid } = await link();
      expect(await enrolments.revoke(uuid, localActor)).toMatchObject({ ok: true });
      expect(await enrolments.revoke(uuid, localActor)).toMatchObject({ ok: true });
      expect(await audited('enrolment.create')).toEqual([
        { actor: localActor, target: 'alice', detail: { enrolment: uuid, expiresAtMs: now + day } },
      ]);
      expect(await audited('enrolment.revoke')).toHaveLength(1);
    });

    it('cannot be taken back when it was used or never was', async () => {
      const { uuid, secret } = await link();
      await codeOf({ secret, csrPem: await makeCsr() });
      expect(await enrolments.revoke(uuid, localActor)).toMatchObject({ error: { code: 'ENROLMENT_USED' } });
      expect(await enrolments.revoke('none', localActor)).toMatchObject({
        error: { code: 'ENROLMENT_NOT_FOUND' },
      });
    });
  });

  describe('renewal', () => {
    it('gives the holder of a valid certificate the next one, for a new key or the same', async () => {
      const first = await enrolled();
      now += 20 * day;
      const csrPem = await makeCsr();
      expect(await renewal(first.sha256, csrPem)).toBe('ok');
      expect(await renewal(first.sha256, csrPem)).toBe('ok');
      const certificates = await temporary.store.certificates.list({ usableAt: now + 11 * day });
      expect(certificates).toHaveLength(2);
      expect(directory.identify(first.sha256, now)).toMatchObject({ known: true });
      expect((await audited('certificate.renew')).at(-1)).toMatchObject({
        actor: { kind: 'client', name: 'alice' },
        detail: { replaces: first.sha256 },
      });
    });

    it('is refused to a certificate that expired, was revoked or is of nobody', async () => {
      const { sha256, notAfterMs } = await enrolled();
      expect(await renewal('ff'.repeat(32))).toBe('CERTIFICATE_UNKNOWN');
      now = notAfterMs + 1_000;
      expect(await renewal(sha256)).toBe('CERTIFICATE_EXPIRED');
      now = start;
      // On another server: the memory of this one does not know yet.
      await temporary.store.certificates.revoke(sha256, now);
      expect(await renewal(sha256)).toBe('CERTIFICATE_REVOKED');
      expect(await temporary.store.certificates.list()).toHaveLength(1);
    });

    it('is refused to a client that is disabled, expired or gone, whatever this server remembers', async () => {
      const { sha256 } = await enrolled();
      const { clients } = temporary.store;
      await clients.update(client.uuid, { enabled: false }, { now, version: null });
      expect(await renewal(sha256)).toBe('CLIENT_DISABLED');
      await clients.update(client.uuid, { enabled: true, expiresAt: now }, { now, version: null });
      expect(await renewal(sha256)).toBe('CLIENT_EXPIRED');
      await clients.delete(client.uuid);
      expect(await renewal(sha256)).toBe('CERTIFICATE_UNKNOWN');
    });

    it('is refused for a request that names somebody else', async () => {
      const { sha256 } = await enrolled();
      expect(await renewal(sha256, await makeCsr('p256', { name: [{ CN: ['bob'] }] }))).toBe(
        'PKI_FOREIGN_NAMES',
      );
    });
  });
});
