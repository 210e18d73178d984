import { expect, test } from 'vitest';
import { limitChange, limitFields, limitTexts, type Limits } from './limits.js';

const none: Limits = {
  rateUpBytesPerSecond: null,
  rateDownBytesPerSecond: null,
  monthlyQuotaBytes: null,
  maxSessions: null,
  routes: null,
  dns: null,
  fixedIpv4: null,
  fixedIpv6: null,
};

test('rates are typed in megabits per second and the quota in gigabytes', () => {
  const texts = limitTexts({ ...none, rateDownBytesPerSecond: 1_250_000, monthlyQuotaBytes: 2_500_000_000 });
  expect(texts).toMatchObject({ rateDown: '10', quota: '2.5', rateUp: '' });
  expect(limitChange({ ...texts, rateUp: '0.5' }, ['rateUp'])).toEqual({ rateUpBytesPerSecond: 62_500 });
});

test('limits that were only looked at come back as they were', () => {
  const limits: Limits = {
    ...none,
    rateUpBytesPerSecond: 123_457,
    maxSessions: 3,
    routes: ['10.0.0.0/8', 'fd00::/8'],
    dns: { servers: ['10.0.0.53'], searchDomains: ['corp.example'] },
    fixedIpv4: '10.8.0.9',
  };
  expect(limitChange(limitTexts(limits), limitFields)).toEqual(limits);
  expect(limitChange(limitTexts(none), limitFields)).toEqual(none);
});

test('name servers and search domains are sent together, as the API has them in one', () => {
  const texts = { ...limitTexts(none), dnsServers: '10.0.0.53, fd00::53', searchDomains: '' };
  expect(limitChange(texts, ['dnsServers'])).toEqual({
    dns: { servers: ['10.0.0.53', 'fd00::53'], searchDomains: [] },
  });
});
