import { ManualClock } from '@masque-vpn/engine/fake';
import { beforeEach, expect, test } from 'vitest';
import type { AccessEndCause, Session } from '../sessions/session.js';
import { clientRecord } from '../testing/clientRecord.js';
import { AccessKeeper } from './accessKeeper.js';
import { ClientDirectory } from './directory.js';

const day = 86_400_000;

let clock: ManualClock;
let directory: ClientDirectory;
let open: Session[];
let ended: [string, AccessEndCause, number][];
let keeper: AccessKeeper;
let expired: [string, AccessEndCause][];

const client = clientRecord();
const session = (uuid: string, certificateSha256: string | null = 'aa'): Session =>
  ({ uuid, client, certificateSha256 }) as Session;
const opened = (...args: Parameters<typeof session>) => {
  const made = session(...args);
  open.push(made);
  keeper.opened(made);
  return made;
};
const certificate = (sha256: string, notAfter: number, revokedAt: number | null = null) =>
  directory.putCertificate({ sha256, clientUuid: client.uuid, notBefore: 0, notAfter, revokedAt });

beforeEach(() => {
  clock = new ManualClock(1_000);
  directory = new ClientDirectory();
  directory.putClient(client);
  certificate('aa', 100 * day);
  open = [];
  ended = [];
  expired = [];
  keeper = new AccessKeeper({
    directory,
    clock,
    sessionsOf: () => open,
    onExpired: ({ uuid }, cause) => expired.push([uuid, cause]),
    end: (sessions, cause, sinceMs) => {
      for (const each of sessions) {
        ended.push([each.uuid, cause, sinceMs]);
        open = open.filter((other) => other !== each);
        keeper.ended(each);
      }
    },
  });
});

test('sessions end in the second after the last of their client’s certificates', () => {
  certificate('bb', 5_000);
  opened('one', 'aa');
  opened('two', 'bb');
  clock.advance(100 * day - 1);
  expect(ended).toEqual([]);
  clock.advance(1);
  expect(ended).toEqual([
    ['one', 'CERTIFICATE_EXPIRED', 100 * day + 1_000],
    ['two', 'CERTIFICATE_EXPIRED', 100 * day + 1_000],
  ]);
});

test('a session of a certificate that ran out ends with the revocation of the one that kept it', () => {
  certificate('bb', 5_000);
  opened('one', 'bb');
  clock.advance(10_000);
  expect(ended).toEqual([]);
  certificate('aa', 100 * day, clock.now());
  expect(keeper.review(client.uuid)).toBe(1);
  expect(ended).toEqual([['one', 'CERTIFICATE_EXPIRED', 6_000]]);
});

test('the earlier of the two decides', () => {
  directory.putClient({ ...client, expiresAt: 3_000, version: 2 });
  opened('one');
  clock.advance(2_000);
  expect(ended).toEqual([['one', 'CLIENT_EXPIRED', 3_000]]);
  expect(expired).toEqual([['one', 'CLIENT_EXPIRED']]);
});

test('without a certificate only the client’s time counts', () => {
  opened('one', null);
  clock.advance(1_000 * day);
  expect(ended).toEqual([]);
});

test('a revoked certificate ends its sessions and no others', () => {
  certificate('bb', 100 * day);
  opened('one', 'aa');
  opened('two', 'bb');
  certificate('bb', 100 * day, 900);
  expect(keeper.review(client.uuid)).toBe(1);
  expect(ended).toEqual([['two', 'CERTIFICATE_REVOKED', 900]]);
  expect(expired).toEqual([]);
});

test('a deleted client loses all of them, from when it was asked for', () => {
  opened('one');
  opened('two', null);
  directory.removeClient(client.uuid);
  expect(keeper.review(client.uuid, 950)).toBe(2);
  expect(ended.map(([, cause, since]) => [cause, since])).toEqual([
    ['CLIENT_DELETED', 950],
    ['CLIENT_DELETED', 950],
  ]);
});

test('an expiry that moved is followed both ways', () => {
  directory.putClient({ ...client, expiresAt: 50_000, version: 2 });
  opened('one');
  directory.putClient({ ...client, expiresAt: 90_000, version: 3 });
  keeper.review(client.uuid);
  clock.advance(60_000);
  expect(ended).toEqual([]);
  directory.putClient({ ...client, expiresAt: 70_000, version: 4 });
  keeper.review(client.uuid);
  clock.advance(9_000);
  expect(ended).toEqual([['one', 'CLIENT_EXPIRED', 70_000]]);
});

test('one timer at most, none when there is nothing to wait for', () => {
  const sessions = Array.from({ length: 50 }, (_, index) => {
    certificate(`c${index}`, 10_000 + index * 1_000);
    return opened(`s${index}`, `c${index}`);
  });
  expect(clock.pending).toBe(1);
  for (const each of sessions) keeper.ended(each);
  expect([clock.pending, keeper.size]).toEqual([0, 0]);
});

test('who opens a session with access that ended meanwhile loses it at once', () => {
  directory.putClient({ ...client, enabled: false, version: 2 });
  opened('late');
  expect(ended).toMatchObject([['late', 'CLIENT_DISABLED', 0]]);
});
