import { parseAddress, type DnsConfiguration, type IpAddress } from '@masque-vpn/protocol';
import type { PushedDns } from '../store/pushedDns.js';

/**
 * What DNS_ASSIGN says for what an administrator set: the servers in their order, for every name; nothing where
 * nothing is set (draft-ietf-masque-connect-ip-dns-06 §3.3).
 */
export function dnsConfigurations(dns: PushedDns | null): readonly DnsConfiguration[] {
  if (dns === null) return [];
  const { servers, searchDomains } = dns;
  if (servers.length === 0 && searchDomains.length === 0) return [];
  const nameservers = servers.flatMap((text): IpAddress[] => {
    const address = parseAddress(text);
    return address.ok ? [address.value] : [];
  });
  return [
    {
      nameservers: nameservers.map((address, index) => ({
        priority: index + 1,
        addresses: [address],
        name: '',
        parameters: [],
      })),
      internalDomains: nameservers.length === 0 ? [] : [''],
      searchDomains: searchDomains.map((name) => name.toLowerCase()),
    },
  ];
}
