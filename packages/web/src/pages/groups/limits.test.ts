import { expect, test } from 'vitest';
import { limitChange, limitFields, limitMistakes, limitTexts, type GroupLimits } from './limits.js';

const limits: GroupLimits = {
  ...{ rateDownBytesPerSecond: 1_250_000, rateUpBytesPerSecond: 1_000 },
  ...{ sharedRateDownBytesPerSecond: 125_000_000, sharedRateUpBytesPerSecond: null },
  ...{ monthlyQuotaBytes: 1_500_000_000, maxSessions: 3, routes: ['10.0.0.0/8', '2001:db8::/32'] },
  dns: { servers: ['10.0.0.53'], searchDomains: ['corp.example'] },
};
const none = limitTexts({
  ...{ rateDownBytesPerSecond: null, rateUpBytesPerSecond: null, sharedRateDownBytesPerSecond: null },
  ...{
    sharedRateUpBytesPerSecond: null,
    monthlyQuotaBytes: null,
    maxSessions: null,
    routes: null,
    dns: null,
  },
});

test('limits come out of the form as they went in', () => {
  expect(limitTexts(limits)).toMatchObject({
    rateDown: '10',
    rateUp: '0.008',
    sharedRateDown: '1000',
    quota: '1.5',
  });
  expect(limitChange(limitTexts(limits), limitFields)).toEqual(limits);
  expect(limitMistakes(limitTexts(limits))).toEqual({});
});

test('what is empty is no limit', () => {
  expect(limitChange(none, ['rateDown', 'routes', 'searchDomains'])).toEqual({
    ...{ rateDownBytesPerSecond: null, routes: null, dns: null },
  });
  expect(limitMistakes(none)).toEqual({});
});

test('only what was changed is sent, name servers and search domains as one', () => {
  expect(limitChange({ ...limitTexts(limits), dnsServers: '10.0.0.1, 10.0.0.2' }, ['dnsServers'])).toEqual({
    dns: { servers: ['10.0.0.1', '10.0.0.2'], searchDomains: ['corp.example'] },
  });
});

test('a comma is a decimal point as well', () => {
  expect(limitChange({ ...none, rateDown: '2,5' }, ['rateDown'])).toEqual({
    rateDownBytesPerSecond: 312_500,
  });
});

test.each([
  [{ rateDown: 'fast' }, { rateDown: { code: 'notANumber' } }],
  [{ rateUp: '-1' }, { rateUp: { code: 'notANumber' } }],
  [{ sharedRateUp: '0.001' }, { sharedRateUp: { code: 'tooSlow' } }],
  [{ maxSessions: '0' }, { maxSessions: { code: 'tooManySessions' } }],
  [{ maxSessions: '1.5' }, { maxSessions: { code: 'tooManySessions' } }],
  [{ routes: '10.0.0.1/8' }, { routes: { code: 'hostBits', text: '10.0.0.1/8', network: '10.0.0.0/8' } }],
  [{ dnsServers: '10.0.0.1 dns' }, { dnsServers: { code: 'notAnAddress', text: 'dns' } }],
  [{ searchDomains: 'a_.' }, { searchDomains: { code: 'notADomain', text: 'a_.' } }],
])('%j', (texts, mistakes) => {
  expect(limitMistakes({ ...none, ...texts })).toEqual(mistakes);
});
