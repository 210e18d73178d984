import type { IpAddress } from './address.js';
import type { ServiceParameter } from './serviceParameters.js';

/** A recursive resolver (draft-ietf-masque-connect-ip-dns-06 §3.2). */
export interface Nameserver {
  /** 1 … 65,535; lower is asked first (RFC 9460 §2.4.1). */
  readonly priority: number;
  /** All of them lead to this nameserver, IPv4 first; may be empty where `name` is to be resolved. */
  readonly addresses: readonly IpAddress[];
  /** What its certificate has to be valid for; '' where it is asked without encryption only. */
  readonly name: string;
  /** Port, encrypted transports and the like, in ascending order of key; empty: unencrypted DNS at port 53. */
  readonly parameters: readonly ServiceParameter[];
}

/** Which nameservers to ask for which names (draft-ietf-masque-connect-ip-dns-06 §3.3). Names as `parseDomainName` has them. */
export interface DnsConfiguration {
  readonly nameservers: readonly Nameserver[];
  /** Names that these nameservers answer for, with everything below them; '' is every name. */
  readonly internalDomains: readonly string[];
  /** Appended to names that are not complete, in this order. */
  readonly searchDomains: readonly string[];
}
