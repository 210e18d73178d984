import { expect, test } from 'vitest';
import type { CertificateRecord } from '../store/certificates.js';
import type { ClientRecord } from '../store/clients.js';
import { temporaryStore } from '../store/testing/temporaryStore.js';
import { clientRecord } from '../testing/clientRecord.js';
import { ClientDirectory } from './directory.js';

const client: ClientRecord = clientRecord({ uuid: 'u1' });
const certificate: Pick<CertificateRecord, 'sha256' | 'clientUuid' | 'notBefore' | 'notAfter' | 'revokedAt'> =
  {
    sha256: 'aa',
    clientUuid: 'u1',
    notBefore: 1_000,
    notAfter: 9_000,
    revokedAt: null,
  };

function identify(
  now: number,
  changes: { client?: Partial<ClientRecord>; certificate?: Partial<typeof certificate> } = {},
): string {
  const directory = new ClientDirectory();
  directory.putClient({ ...client, ...changes.client });
  directory.putCertificate({ ...certificate, ...changes.certificate });
  const holder = directory.identify('aa', now);
  return holder.known ? holder.client.slug : holder.code;
}

test('a certificate is good from its first to its last second', () => {
  expect([999, 1_000, 9_000, 9_999, 10_000].map((now) => identify(now))).toEqual([
    'CERTIFICATE_NOT_YET_VALID',
    'alice',
    'alice',
    'alice',
    'CERTIFICATE_EXPIRED',
  ]);
});

test.each([
  ['CERTIFICATE_REVOKED', { certificate: { revokedAt: 2_000 } }],
  ['CERTIFICATE_UNKNOWN', { certificate: { sha256: 'bb' } }],
  ['CERTIFICATE_UNKNOWN', { certificate: { clientUuid: 'u2' } }],
  ['CLIENT_DISABLED', { client: { enabled: false } }],
  ['CLIENT_EXPIRED', { client: { expiresAt: 5_000 } }],
  ['alice', { client: { expiresAt: 5_001 } }],
])('%s', (code, changes) => {
  expect(identify(5_000, changes)).toBe(code);
});

test('a session outlives its certificate while its client has another valid one, and not its revocation', () => {
  const directory = new ClientDirectory();
  directory.putClient(client);
  directory.putCertificate(certificate);
  directory.putCertificate({ ...certificate, sha256: 'bb', notAfter: 20_000 });
  const fault = (now: number): string | null => {
    const access = directory.accessOf('u1', 'aa', now);
    return access.granted ? null : access.fault;
  };
  expect([9_000, 10_000, 20_999, 21_000].map(fault)).toEqual([null, null, null, 'CERTIFICATE_EXPIRED']);
  directory.putCertificate({ ...certificate, sha256: 'bb', notAfter: 20_000, revokedAt: 11_000 });
  expect(fault(12_000)).toBe('CERTIFICATE_EXPIRED');
  directory.putCertificate({ ...certificate, revokedAt: 12_000 });
  expect(fault(12_000)).toBe('CERTIFICATE_REVOKED');
});

test('the log can name the client that is refused', () => {
  const directory = new ClientDirectory();
  directory.putClient({ ...client, enabled: false });
  directory.putCertificate(certificate);
  expect(directory.identify('aa', 5_000)).toEqual({
    known: false,
    code: 'CLIENT_DISABLED',
    clientId: 'alice',
  });
});

test('a removed client is forgotten with its certificates, the others stay', () => {
  const directory = new ClientDirectory();
  directory.putClient(client);
  directory.putCertificate(certificate);
  directory.putClient({ ...client, uuid: 'u2', slug: 'bob' });
  directory.putCertificate({ ...certificate, sha256: 'bb', clientUuid: 'u2' });
  directory.removeClient('u1');
  expect(directory.identify('aa', 5_000)).toEqual({
    known: false,
    code: 'CERTIFICATE_UNKNOWN',
    clientId: null,
  });
  expect(directory.identify('bb', 5_000)).toMatchObject({ known: true });
  expect([...directory.all()].map(({ slug }) => slug)).toEqual(['bob']);
  expect(directory.findBySlug('alice')).toBeNull();
});

test('every client of the store is loaded with its certificates, page by page', async () => {
  await using temporary = await temporaryStore();
  const { store } = temporary;
  for (let index = 0; index < 25; index += 1) {
    const created = await store.clients.create({ slug: `client-${index}`, now: 1 });
    if (created === null) throw new Error('not created');
    const sha256 = index.toString(16).padStart(64, '0');
    const issued = { ...certificate, sha256, clientUuid: created.uuid, serial: String(index), createdAt: 1 };
    await store.certificates.insert(issued);
  }
  const directory = await ClientDirectory.load(store, 10);
  expect(directory.counts()).toEqual({ total: 25, enabled: 25 });
  for (let index = 0; index < 25; index += 1) {
    const holder = directory.identify(index.toString(16).padStart(64, '0'), 5_000);
    expect(holder).toMatchObject({ known: true, client: { slug: `client-${index}` } });
  }
});

test('the soonest expiry is that of the enabled client whose last certificate ends first', () => {
  const directory = new ClientDirectory();
  expect(directory.soonestExpiry(0)).toBeNull();
  directory.putClient(client);
  directory.putCertificate(certificate);
  directory.putCertificate({ ...certificate, sha256: 'renewed', notAfter: 20_000 });
  directory.putClient({ ...client, uuid: 'u2', slug: 'bob' });
  directory.putCertificate({ ...certificate, sha256: 'bb', clientUuid: 'u2', notAfter: 15_000 });
  directory.putCertificate({
    ...certificate,
    sha256: 'cc',
    clientUuid: 'u2',
    notAfter: 30_000,
    revokedAt: 2_000,
  });
  directory.putClient({ ...client, uuid: 'u3', slug: 'carol', enabled: false });
  directory.putCertificate({ ...certificate, sha256: 'dd', clientUuid: 'u3', notAfter: 12_000 });
  expect(directory.soonestExpiry(5_000)).toBe(15_000);
  expect(directory.soonestExpiry(16_000)).toBe(20_000);
  expect(directory.soonestExpiry(21_000)).toBeNull();
});
