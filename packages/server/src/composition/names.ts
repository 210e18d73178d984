import type { HostFacts } from '@masque-vpn/host';

export interface NameSources {
  /** `server.host`; null: the machine's own choice. */
  readonly configured: string | null;
  /** The machine's name. */
  readonly hostname: string;
  /** Null when the host could not be read. */
  readonly facts: HostFacts | null;
}

/** By which names and addresses clients find this server. */
export interface ServerNames {
  /** Goes into profiles: the configured name, else the address of the default route, else the machine's name. */
  readonly publicHost: string;
  /** Everything the certificate is made for. */
  readonly certificate: readonly string[];
  /** Addresses to connect to where the name does not resolve; those of the default route first. */
  readonly addresses: readonly string[];
}

/** Collects the server's names. Loopback is in the certificate, for tries on the same machine. */
export function serverNames({ configured, hostname, facts }: NameSources): ServerNames {
  const sources = facts?.defaultRoutes.flatMap(({ source }) => (source === null ? [] : [source])) ?? [];
  const own = (facts?.interfaces ?? []).flatMap(({ addresses }) => addresses);
  const global = own.flatMap(({ scope, address }) => (scope === 'global' ? [address] : []));
  const addresses = [...new Set([...sources, ...global])];
  const publicHost = configured ?? sources[0] ?? hostname;
  const certificate = [publicHost, hostname, 'localhost', '127.0.0.1', '::1', ...addresses];
  return { publicHost, certificate: [...new Set(certificate)], addresses };
}

/** The URI template of the tunnel (RFC 9484 §3) at this host. */
export function tunnelUrl(host: string, udpAddress: string, path: string): string {
  const port = udpAddress.slice(udpAddress.lastIndexOf(':') + 1);
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}${path}`;
}
