import { describe, expect, test } from 'vitest';
import { diagnoseSpeed, type SpeedFinding } from './speed.js';
import type { MeasuredSession, RateLimit, SpeedFacts } from './speedFacts.js';

const session: MeasuredSession = {
  rates: { up: 50_000, down: 1_000_000 },
  packets: { up: 100, down: 900 },
  drops: { up: 0, down: 0 },
  rttMs: 20,
  lossRatio: 0.0001,
  pathMtu: 1_452,
  tunnelMtu: 1_400,
};
const fast: SpeedFacts = {
  sessions: [session],
  limits: [],
  quota: null,
  workersBusy: 0.2,
  eventLoopP99Ms: 3,
};
const limit: RateLimit = {
  direction: 'down',
  group: null,
  bytesPerSecond: 1_100_000,
  usedBytesPerSecond: 1_000_000,
};

const diagnose = (
  change: Partial<SpeedFacts>,
  ofSession: Partial<MeasuredSession> = {},
): readonly SpeedFinding[] => diagnoseSpeed({ ...fast, sessions: [{ ...session, ...ofSession }], ...change });
const codes = (...given: Parameters<typeof diagnose>): readonly string[] =>
  diagnose(...given).map(({ code }) => code);

test('nothing found is a finding, with what it moves now', () => {
  expect(diagnose({})).toMatchObject([
    {
      code: 'NOTHING_SLOWS',
      severity: 'ok',
      facts: { upBytesPerSecond: 50_000, downBytesPerSecond: 1_000_000, rttMs: 20 },
      message: 'nothing here slows it: it moves 8 Mbit/s down and 0.4 Mbit/s up now',
    },
  ]);
});

test('a client that is not connected cannot be measured', () => {
  expect(codes({ sessions: [], workersBusy: 1 })).toEqual(['CLIENT_NOT_CONNECTED']);
});

test('what is not known yet slows nothing', () => {
  const unknown = { rttMs: null, lossRatio: null, pathMtu: null, tunnelMtu: null };
  expect(codes({ workersBusy: null, eventLoopP99Ms: null }, unknown)).toEqual(['NOTHING_SLOWS']);
});

describe('a rate limit', () => {
  const dropping = { drops: { up: 0, down: 5 } };

  test('binds when it is nearly used and packets are dropped', () => {
    expect(diagnose({ limits: [limit] }, dropping)).toMatchObject([
      {
        code: 'RATE_LIMIT_BINDS',
        severity: 'problem',
        facts: { direction: 'down', group: null, bytesPerSecond: 1_100_000, usedBytesPerSecond: 1_000_000 },
      },
    ]);
  });

  test('of a group is named', () => {
    const [found] = diagnose({ limits: [{ ...limit, group: 'staff' }] }, dropping);
    expect([found?.facts['group'], found?.message]).toEqual([
      'staff',
      expect.stringContaining('group staff'),
    ]);
  });

  test.each<[string, Partial<RateLimit>, Partial<MeasuredSession>]>([
    ['far from used', { usedBytesPerSecond: 500_000 }, dropping],
    ['used without a drop', {}, {}],
    ['of the other direction', { direction: 'up' }, { drops: { up: 0, down: 5 } }],
  ])('does not bind when it is %s', (_name, change, ofSession) => {
    expect(codes({ limits: [{ ...limit, ...change }] }, ofSession)).not.toContain('RATE_LIMIT_BINDS');
  });
});

describe('a path', () => {
  test.each<[string, Partial<MeasuredSession>, string]>([
    ['PATH_LOSES', { lossRatio: 0.02 }, 'warning'],
    ['PATH_LOSES', { lossRatio: 0.08 }, 'problem'],
    ['PATH_IS_LONG', { rttMs: 180 }, 'info'],
    ['PATH_IS_LONG', { rttMs: 600 }, 'warning'],
    ['PATH_MTU_SMALL', { pathMtu: 1_200 }, 'warning'],
    ['QUEUE_DROPS', { drops: { up: 0, down: 100 } }, 'warning'],
  ])('%s: %j is a %s', (code, ofSession, severity) => {
    expect(diagnose({}, ofSession)).toMatchObject([{ code, severity }]);
  });

  test('loses nothing to speak of below one in a hundred', () => {
    expect(codes({}, { drops: { up: 0, down: 5 } })).toEqual(['NOTHING_SLOWS']);
  });

  test('of each session counts', () => {
    const sessions = [session, { ...session, rttMs: 400 }];
    expect(codes({ sessions })).toEqual(['PATH_IS_LONG']);
  });
});

test.each<[string, Partial<SpeedFacts>, string]>([
  ['WORKERS_BUSY', { workersBusy: 0.9 }, 'problem'],
  ['EVENT_LOOP_BUSY', { eventLoopP99Ms: 200 }, 'info'],
  ['QUOTA_NEARLY_USED', { quota: { usedBytes: 95, limitBytes: 100 } }, 'info'],
])('the server: %s', (code, change, severity) => {
  expect(diagnose(change)).toMatchObject([{ code, severity }]);
});

test('the most decisive comes first', () => {
  const change = { workersBusy: 0.95, eventLoopP99Ms: 200 };
  expect(codes(change, { rttMs: 400 })).toEqual(['WORKERS_BUSY', 'PATH_IS_LONG', 'EVENT_LOOP_BUSY']);
});
