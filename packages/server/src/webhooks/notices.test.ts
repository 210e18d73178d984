import { beforeEach, expect, test } from 'vitest';
import { ClientDirectory } from '../clients/directory.js';
import type { Session } from '../sessions/session.js';
import { clientRecord } from '../testing/clientRecord.js';
import type { WebhookEvent } from './event.js';
import { expiryNotices, sessionNotices } from './notices.js';

let said: [WebhookEvent, Readonly<Record<string, unknown>>, string | undefined][];
const outbox = {
  emit: (event: WebhookEvent, data: Readonly<Record<string, unknown>>, once?: string) => {
    said.push([event, data, once]);
  },
};
beforeEach(() => {
  said = [];
});

test('tells once of each client and certificate that ends soon, of those that may connect', () => {
  const directory = new ClientDirectory();
  const put = (slug: string, changed: Parameters<typeof clientRecord>[0], notAfter: number | null) => {
    directory.putClient(clientRecord({ uuid: slug, slug, ...changed }));
    if (notAfter === null) return;
    const certificate = { sha256: `of-${slug}`, clientUuid: slug, notBefore: 0, revokedAt: null };
    directory.putCertificate({ ...certificate, notAfter });
  };
  put('soon', { expiresAt: 150 }, 180);
  put('later', { expiresAt: 201 }, 300);
  put('over', { expiresAt: 100 }, 150);
  put('disabled', { enabled: false, expiresAt: 150 }, 150);
  put('forever', {}, null);
  put('renewed', {}, 150);
  directory.putCertificate({
    ...{ sha256: 'newer', clientUuid: 'renewed', notBefore: 0, revokedAt: null },
    notAfter: 900,
  });
  expiryNotices(outbox, directory, { now: 100, untilMs: 200 });
  expect(said).toEqual([
    ['client.expiring', { clientId: 'soon', expiresAtMs: 150 }, 'soon 150'],
    ['certificate.expiring', { clientId: 'soon', notAfterMs: 180 }, 'soon 180'],
  ]);
});

test('a quota that is used up is told once a month, however often the client asks', () => {
  const { refused, ended } = sessionNotices(outbox, { now: () => Date.UTC(2026, 1, 3) });
  const request = { clientId: 'alice', code: 'QUOTA_EXCEEDED', remoteAddress: '192.0.2.1:1', atMs: 5 };
  refused?.(request);
  const session = {
    uuid: 's',
    client: clientRecord(),
    remoteAddress: '192.0.2.1:1',
    startedAtMs: 1,
  } as Session;
  const traffic = { bytesIn: 1, bytesOut: 2, packetsIn: 3, packetsOut: 4, code: null };
  ended?.(session, { ...traffic, endedAt: 9, cause: 'QUOTA_EXCEEDED' });
  const quota = said.filter(([event]) => event === 'client.quotaExceeded');
  expect(quota.map(([, data, once]) => [data, once])).toEqual([
    [{ clientId: 'alice', month: '2026-02' }, 'alice 2026-02'],
    [{ clientId: 'alice', month: '2026-02' }, 'alice 2026-02'],
  ]);
  expect(said.find(([event]) => event === 'session.disconnected')?.[1]).toMatchObject({
    cause: 'QUOTA_EXCEEDED',
    bytesReceived: 1,
    bytesSent: 2,
  });
});
