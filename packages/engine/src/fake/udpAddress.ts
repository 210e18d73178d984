import { isIP } from 'node:net';

/** A UDP address taken apart; `host` has no brackets. */
export interface UdpAddress {
  readonly host: string;
  readonly port: number;
}

/** Reads `192.0.2.1:443` or `[2001:db8::1]:443`; null if it is neither. */
export function parseUdpAddress(text: string): UdpAddress | null {
  const match = /^(?:\[(?<v6>[^\]]+)\]|(?<v4>[^:[\]]+)):(?<port>\d{1,5})$/.exec(text);
  const host = match?.groups?.['v6'] ?? match?.groups?.['v4'] ?? '';
  const port = Number(match?.groups?.['port']);
  const family = match?.groups?.['v6'] === undefined ? 4 : 6;
  return isIP(host) === family && port <= 65_535 ? { host, port } : null;
}

/** The reverse of `parseUdpAddress`. */
export function formatUdpAddress({ host, port }: UdpAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** True if a socket bound to `bound` receives what is sent to `target`; `[::]` takes IPv4 too. */
export function receives(bound: UdpAddress, target: UdpAddress): boolean {
  if (bound.port !== target.port) return false;
  if (bound.host === '::') return true;
  if (bound.host === '0.0.0.0') return isIP(target.host) === 4;
  return bound.host === target.host;
}
