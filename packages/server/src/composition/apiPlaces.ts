import { classifyAddress, parseAddress } from '@masque-vpn/protocol';

/** Where a browser finds the web interface. */
export interface ApiPlaces {
  /** From other machines, without a path; null: it listens for this machine only. */
  readonly remote: string | null;
  /** On this machine, or at the near end of `tunnel`. */
  readonly local: string;
  /** The command that brings `local` to another machine. */
  readonly tunnel: string;
}

/**
 * @param apiAddress `host:port` that it listens on
 * @param publicHost name or address by which others find this machine
 */
export function apiPlaces(apiAddress: string, publicHost: string): ApiPlaces {
  const end = apiAddress.lastIndexOf(':');
  const port = apiAddress.slice(end + 1);
  const listening = parseAddress(apiAddress.slice(0, end).replace(/^\[(.*)\]$/, '$1'));
  const isLocal = listening.ok && classifyAddress(listening.value) === 'loopback';
  const host = publicHost.includes(':') ? `[${publicHost}]` : publicHost;
  return {
    remote: isLocal ? null : `https://${host}:${port}`,
    local: `http://localhost:${port}`,
    tunnel: `ssh -L ${port}:localhost:${port} ${publicHost}`,
  };
}
