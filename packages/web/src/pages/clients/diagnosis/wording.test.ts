import { expect, test } from 'vitest';
import en from '../../../languages/en.json';
import { formatOf } from '../../../language/format.js';
import { factTexts, remedyOf, wordingOf } from './wording.js';

const words = (facts: Parameters<typeof factTexts>[0]) =>
  factTexts(facts, formatOf('en'), (cause) => `<${cause}>`);

test('facts are written by what they are', () => {
  expect(
    words({
      rttMs: 210.4,
      lossRatio: 0.025,
      bytesPerSecond: 1_250_000,
      usedBytes: 2_000_000,
      reason: 'CLIENT_DISABLED',
      most: 4,
      group: null,
    }),
  ).toMatchObject({
    rttMs: '210 ms',
    lossRatio: '2.5%',
    bytesPerSecond: formatOf('en').rate(1_250_000),
    usedBytes: '2 MB',
    reason: '<CLIENT_DISABLED>',
    most: '4',
    group: '–',
  });
  expect(words({ lastAtMs: 0, atMs: 0 })['lastAtMs']).toMatch(/19(69|70)/);
});

test('a destination has its port, and an IPv6 address is told from it', () => {
  expect(words({ remoteAddress: '10.0.0.1', port: 443 })['destination']).toBe('10.0.0.1:443');
  expect(words({ remoteAddress: 'fd00::1', port: 443 })['destination']).toBe('[fd00::1]:443');
  expect(words({ remoteAddress: '10.0.0.1', port: null })['destination']).toBe('10.0.0.1');
});

test('a limit reads by whose it is and which way', () => {
  const limit = (direction: string, group: string | null) =>
    wordingOf({ code: 'RATE_LIMIT_BINDS', severity: 'problem', facts: { direction, group } });
  expect(limit('up', null)).toBe('RATE_LIMIT_OWN_UP');
  expect(limit('down', 'staff')).toBe('RATE_LIMIT_GROUP_DOWN');
});

test('a refusal after which the client connected is history', () => {
  const refusal = { code: 'REFUSED_LATELY', facts: {} } as const;
  expect(wordingOf({ ...refusal, severity: 'info' })).toBe('REFUSED_BEFORE');
  expect(wordingOf({ ...refusal, severity: 'problem' })).toBe('REFUSED_LATELY');
});

test('each finding has a sentence, and says only what is among its facts', () => {
  expect(Object.keys(en.clients.finding).length).toBeGreaterThan(30);
  expect(en.clients.finding).toHaveProperty(
    wordingOf({ code: 'PATH_LOSES', severity: 'warning', facts: {} }),
  );
});

test('what can be done on the page is done there', () => {
  expect(remedyOf({ code: 'CLIENT_DISABLED', facts: {} }, 'ann')).toEqual({
    kind: 'action',
    action: 'enable',
  });
  expect(remedyOf({ code: 'REFUSED_LATELY', facts: {} }, 'ann')).toMatchObject({
    route: 'sessionHistory',
    query: { client: 'ann' },
  });
  expect(remedyOf({ code: 'PATH_LOSES', facts: {} }, 'ann')).toBeNull();
});
