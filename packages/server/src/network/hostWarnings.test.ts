import { FakeHost } from '@masque-vpn/host/fake';
import { expect, test } from 'vitest';

import { hostWarnings } from './hostWarnings.js';

const facts = new FakeHost().network;

test('a sound host has none', () => {
  expect(hostWarnings(facts, [], 'masque0', [4, 6])).toEqual([]);
});

test('Docker’s drop policy is met by rules in Docker’s own chain', () => {
  const filter = { family: 'ip', table: 'filter', chain: 'FORWARD', docker: true } as const;
  expect(hostWarnings(facts, [filter], 'masque0', [4])).toEqual([
    'the firewall chain ip filter FORWARD drops forwarded packets by default (Docker set this); if clients reach ' +
      'nothing: iptables -I DOCKER-USER -i masque0 -j ACCEPT; iptables -I DOCKER-USER -o masque0 -m conntrack ' +
      '--ctstate ESTABLISHED,RELATED -j ACCEPT',
  ]);
});

test('a family without default route is named', () => {
  const onlyIpv4 = { ...facts, defaultRoutes: facts.defaultRoutes.filter(({ family }) => family === 4) };
  expect(hostWarnings(onlyIpv4, [], 'masque0', [4, 6]).join()).toContain('no IPv6 default route');
});
