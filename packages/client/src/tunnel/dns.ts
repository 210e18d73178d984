import { type DnsConfiguration, formatAddress } from '@masque-vpn/protocol';
import type { ClientStatus } from '../status/status.js';

/** What the status shows of DNS_ASSIGN: nameservers by priority (RFC 9460 §2.4.1), the root as ".". */
export function dnsStatus(configurations: readonly DnsConfiguration[]): ClientStatus['dns'] {
  const shown = (name: string): string => (name === '' ? '.' : name);
  return configurations.map(({ nameservers, internalDomains, searchDomains }) => ({
    nameservers: nameservers
      .toSorted((a, b) => a.priority - b.priority)
      .map(({ addresses, name }) => ({ addresses: addresses.map(formatAddress), name: name || null })),
    internalDomains: internalDomains.map(shown),
    searchDomains: searchDomains.map(shown),
  }));
}

/** The rest of a sentence that begins with the server's name. */
export function dnsSentence(dns: ClientStatus['dns']): string {
  return dns.length === 0
    ? 'says nothing about DNS any more'
    : 'says what DNS to use; the resolver of this machine is not changed by it';
}
