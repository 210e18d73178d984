import type { ClientStatus } from '@masque-vpn/client/status';
import { expect, it } from 'vitest';
import { clientStatusText } from './clientStatusText.js';

function textOf(dns: ClientStatus['dns']): string {
  const status: ClientStatus = {
    ...{ client: 'alice', server: 'vpn.example.org', pid: 1, interface: 'masque-alice' },
    ...{ state: 'up', sinceMs: 0, remoteAddress: '192.0.2.1:443', attempts: 0, lastError: null },
    ...{ addresses: ['10.89.0.2/32'], routes: ['0.0.0.0/0'], tunnelMtu: 1400, rttMs: null, advertised: [] },
    ...{ bytesUp: 0, bytesDown: 0, packetsUp: 0, packetsDown: 0 },
    certificate: { expiresAtMs: 0, renewsAtMs: null, renewalError: null },
    dns,
  };
  return clientStatusText(status, 60_000);
}

it('says nothing about DNS where the server does not', () => {
  expect(textOf([])).not.toMatch(/DNS|resolver/);
});

it('shows what the server says about DNS, and that nothing was changed by it', () => {
  const text = textOf([
    {
      nameservers: [
        { addresses: ['10.0.0.53', 'fd00::53'], name: null },
        { addresses: ['10.0.0.54'], name: 'dns.example.org' },
      ],
      internalDomains: ['corp.example'],
      searchDomains: ['corp.example', 'example.org'],
    },
    {
      nameservers: [{ addresses: ['192.0.2.53'], name: null }],
      internalDomains: ['.'],
      searchDomains: [],
    },
  ]);
  expect(text.split('\n').filter((line) => /DNS|resolver/.test(line))).toEqual([
    '  DNS          10.0.0.53 fd00::53, dns.example.org 10.0.0.54; for corp.example; search domains corp.example, example.org',
    '  DNS          192.0.2.53',
    '               told by the server; this client does not change the resolver of this machine yet',
  ]);
});
