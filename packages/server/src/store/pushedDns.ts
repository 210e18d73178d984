/** What resolvers and search domains a client is told to use; addresses and names in canonical text. */
export interface PushedDns {
  readonly servers: readonly string[];
  readonly searchDomains: readonly string[];
}

/** As it stands in a `dns` column; null: inherited. */
export function dnsColumn(dns: PushedDns | null): string | null {
  return dns === null ? null : JSON.stringify({ servers: dns.servers, searchDomains: dns.searchDomains });
}

/** Reads a `dns` column, which only `dnsColumn` writes. */
export function dnsOfColumn(text: string | null): PushedDns | null {
  return text === null ? null : (JSON.parse(text) as PushedDns);
}
