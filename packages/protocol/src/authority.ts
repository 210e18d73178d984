import { parseAddress } from './address.js';

/** Host and port of `host`, `host:port`, `[v6]`, `[v6]:port` (port 443 unless written); null for anything else, user information included. */
export function parseAuthority(authority: string): { readonly host: string; readonly port: number } | null {
  const [, bracketed, name, portText] =
    /^(?:\[([^\]]*)\]|([A-Za-z0-9._-]+))(?::([0-9]{1,5}))?$/.exec(authority) ?? [];
  const host = bracketed ?? name;
  const port = portText === undefined ? 443 : Number(portText);
  if (host === undefined || port < 1 || port > 65_535) return null;
  const address = parseAddress(host);
  if (bracketed !== undefined) return address.ok && address.value.family === 6 ? { host, port } : null;
  return address.ok || isHostName(host) ? { host, port } : null;
}

/** A DNS name whose last label cannot be taken for a number (as CIP-404). */
function isHostName(name: string): boolean {
  const labels = name.replace(/\.$/, '').split('.');
  if (name.length > 253 || !labels.every((label) => /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$/.test(label)))
    return false;
  return !/^(?:[0-9]+|0[xX].*)$/.test(labels.at(-1) ?? '');
}
