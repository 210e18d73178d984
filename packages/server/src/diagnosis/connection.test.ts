import { describe, expect, test } from 'vitest';
import { diagnoseConnection, type ConnectionFinding } from './connection.js';
import type { ConnectionFacts } from './connectionFacts.js';

const hour = 3_600_000;
const day = 24 * hour;
const now = Date.UTC(2030, 0, 15);
const certificate = { notBeforeMs: now - 5 * day, notAfterMs: now + 25 * day, revokedAtMs: null };

/** A client that would get a tunnel. */
const fine: ConnectionFacts = {
  nowMs: now,
  client: { enabled: true, expiresAtMs: null },
  certificates: [certificate],
  hasToken: false,
  link: null,
  tunProblem: null,
  storeAvailable: true,
  serverSessions: { open: 3, most: 1_000 },
  ownSessions: { open: 0, most: 4 },
  quota: null,
  exhausted: [],
  resting: [],
  refusals: [],
  lastConnectedAtMs: now - hour,
  isAllowedSomething: true,
  refusedFlows: [],
};

const diagnose = (change: Partial<ConnectionFacts>): readonly ConnectionFinding[] =>
  diagnoseConnection({ ...fine, ...change });
const codes = (change: Partial<ConnectionFacts>): readonly string[] =>
  diagnose(change).map(({ code }) => code);
const refusal = (code: string, ago: number) => ({ code, atMs: now - ago, remoteAddress: '203.0.113.9' });
const flow = { remoteAddress: '10.0.0.5', protocol: 6, port: 22, count: 3, lastAtMs: now - hour };

describe('a client', () => {
  test('that has nothing in its way is told so', () => {
    expect(diagnose({})).toMatchObject([
      { code: 'NOTHING_IN_THE_WAY', severity: 'ok', facts: { lastConnectedAtMs: now - hour } },
    ]);
  });

  test('that is connected is told so', () => {
    expect(diagnose({ ownSessions: { open: 2, most: 4 } })).toMatchObject([
      { code: 'CLIENT_CONNECTED', severity: 'ok', facts: { sessions: 2 } },
    ]);
  });

  test('that never came is told so, beside that nothing keeps it', () => {
    expect(codes({ lastConnectedAtMs: null })).toEqual(['CLIENT_NEVER_SEEN', 'NOTHING_IN_THE_WAY']);
  });
});

describe('what keeps a client out', () => {
  test.each<[string, Partial<ConnectionFacts>, object]>([
    ['CLIENT_DISABLED', { client: { enabled: false, expiresAtMs: null } }, {}],
    ['CLIENT_EXPIRED', { client: { enabled: true, expiresAtMs: now } }, { atMs: now }],
    ['CLIENT_NOT_ENROLLED', { certificates: [] }, {}],
    [
      'CERTIFICATE_REVOKED',
      { certificates: [{ ...certificate, revokedAtMs: now - day }] },
      { atMs: now - day },
    ],
    [
      'CERTIFICATE_EXPIRED',
      { certificates: [{ ...certificate, notAfterMs: now - 1_000 }] },
      { atMs: now - 1_000 },
    ],
    [
      'CERTIFICATE_NOT_YET_VALID',
      { certificates: [{ ...certificate, notBeforeMs: now + hour }] },
      { atMs: now + hour },
    ],
    ['TUN_DOWN', { tunProblem: { code: 'TUN_MISSING', message: 'no device' } }, { reason: 'TUN_MISSING' }],
    ['STORE_UNAVAILABLE', { storeAvailable: false }, {}],
    ['QUOTA_EXCEEDED', { quota: { usedBytes: 10, limitBytes: 10 } }, { usedBytes: 10, limitBytes: 10 }],
    ['POOL_EXHAUSTED', { exhausted: [4] }, { family: 4 }],
    ['LIMIT_OF_SERVER', { serverSessions: { open: 9, most: 9 } }, { open: 9, most: 9 }],
    ['NOTHING_ALLOWED', { isAllowedSomething: false }, {}],
    [
      'REFUSED_LATELY',
      { refusals: [refusal('CERTIFICATE_UNKNOWN', 60_000)] },
      { reason: 'CERTIFICATE_UNKNOWN', count: 1, lastAtMs: now - 60_000, remoteAddress: '203.0.113.9' },
    ],
  ])('%s', (code, change, facts) => {
    const [first, ...rest] = diagnose(change);
    expect(first).toMatchObject({ code, severity: 'problem', facts });
    expect(first?.remedy).not.toBeNull();
    expect(rest.filter(({ severity }) => severity === 'problem' || severity === 'ok')).toEqual([]);
  });

  test('is said the most decisive first', () => {
    const change = {
      client: { enabled: false, expiresAtMs: null },
      tunProblem: { code: 'TUN_MISSING', message: '' },
      resting: ['10.89.0.7'],
    };
    expect(codes(change)).toEqual(['CLIENT_DISABLED', 'TUN_DOWN', 'ADDRESS_RESTING']);
  });
});

describe('a certificate', () => {
  test('in its last second is still valid (RFC 5280 §4.1.2.5)', () => {
    expect(codes({ certificates: [{ ...certificate, notAfterMs: now - 999 }] })).toEqual([
      'CERTIFICATE_EXPIRES_SOON',
    ]);
  });

  test('that is good outweighs others that are not', () => {
    expect(codes({ certificates: [{ ...certificate, revokedAtMs: now }, certificate] })).toEqual([
      'NOTHING_IN_THE_WAY',
    ]);
  });

  test('that should have been renewed is a warning', () => {
    const late = { ...certificate, notBeforeMs: now - 24 * day, notAfterMs: now + 6 * day };
    expect(diagnose({ certificates: [late] })).toMatchObject([
      { code: 'CERTIFICATE_EXPIRES_SOON', severity: 'warning', facts: { atMs: now + 6 * day } },
    ]);
  });

  test('may be replaced by a token', () => {
    expect(codes({ certificates: [], hasToken: true })).toEqual(['NOTHING_IN_THE_WAY']);
  });
});

describe('a link', () => {
  const unenrolled = { certificates: [], lastConnectedAtMs: null };

  test('that was not used yet waits', () => {
    expect(codes({ ...unenrolled, link: { expiresAtMs: now + hour } })).toEqual([
      'CLIENT_NOT_ENROLLED',
      'LINK_UNUSED',
      'CLIENT_NEVER_SEEN',
    ]);
  });

  test('that expired is of no use', () => {
    expect(codes({ ...unenrolled, link: { expiresAtMs: now } })).toEqual([
      'CLIENT_NOT_ENROLLED',
      'LINK_EXPIRED',
      'CLIENT_NEVER_SEEN',
    ]);
  });

  test('does not matter to who has a certificate', () => {
    expect(codes({ link: { expiresAtMs: now } })).toEqual(['NOTHING_IN_THE_WAY']);
  });
});

describe('limits', () => {
  test('of sessions keep one more device out, not those that are in', () => {
    expect(codes({ ownSessions: { open: 4, most: 4 } })).toEqual(['LIMIT_PER_CLIENT', 'CLIENT_CONNECTED']);
  });

  test('of traffic matter when they are used up', () => {
    expect(codes({ quota: { usedBytes: 9, limitBytes: 10 } })).toEqual(['NOTHING_IN_THE_WAY']);
  });
});

describe('refusals', () => {
  test('are counted by reason, the latest first', () => {
    const refusals = [
      refusal('TUN_DOWN', 1_000),
      refusal('QUOTA_EXCEEDED', 2_000),
      refusal('TUN_DOWN', 3_000),
    ];
    expect(
      diagnose({ refusals, lastConnectedAtMs: null }).map(({ facts }) => [facts['reason'], facts['count']]),
    ).toEqual([
      ['TUN_DOWN', 2],
      ['QUOTA_EXCEEDED', 1],
    ]);
  });

  test('are history after it has connected', () => {
    const refusals = [refusal('TUN_DOWN', 2 * hour)];
    expect(diagnose({ refusals })).toMatchObject(
      [{ code: 'NOTHING_IN_THE_WAY' }, { code: 'REFUSED_LATELY', severity: 'info' }].toReversed(),
    );
  });

  test('of the day before are of no interest', () => {
    expect(codes({ refusals: [refusal('TUN_DOWN', day)] })).toEqual(['NOTHING_IN_THE_WAY']);
  });
});

test('flows that were refused are named, three of them', () => {
  const refusedFlows = [22, 80, 443, 8080].map((port) => ({ ...flow, port }));
  const found = diagnose({ ownSessions: { open: 1, most: 4 }, refusedFlows });
  expect(found.map(({ code, facts }) => [code, facts['port']])).toEqual([
    ['FLOWS_REFUSED', 22],
    ['FLOWS_REFUSED', 80],
    ['FLOWS_REFUSED', 443],
    ['CLIENT_CONNECTED', undefined],
  ]);
});

test('a fixed address that rests is a warning', () => {
  expect(diagnose({ resting: ['10.89.0.7'] })).toMatchObject([
    { code: 'ADDRESS_RESTING', severity: 'warning', facts: { address: '10.89.0.7' } },
  ]);
});
