import { SocketAddress } from 'node:net';

import type { Family } from './family.js';

/** An address with a prefix length, as the kernel writes it; host bits may be set. */
export interface ParsedPrefix {
  readonly family: Family;
  /** Canonical text (RFC 5952). */
  readonly address: string;
  readonly length: number;
}

/** Reads `10.0.0.1/8`, `2001:db8::/32` or an address alone (a host prefix); null for anything else. */
export function parsePrefix(text: string): ParsedPrefix | null {
  const match = /^([0-9A-Fa-f.:]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text);
  const address = match?.[1];
  if (address === undefined) return null;
  const family = familyOf(address);
  const bits = family === 4 ? 32 : 128;
  const length = match?.[2] === undefined ? bits : Number(match[2]);
  if (length > bits) return null;
  const read = canonical(address, family);
  return read === null ? null : { family, address: read, length };
}

/** The kernel's spelling of a prefix, always with its length; unreadable text unchanged. */
export function canonicalPrefix(text: string): string {
  const prefix = parsePrefix(text);
  return prefix === null ? text : `${prefix.address}/${prefix.length}`;
}

/** 4 or 6 by the look of a valid address or prefix. */
export function familyOf(text: string): Family {
  return text.includes(':') ? 6 : 4;
}

/** Null for what is no address. `isIP` would say so as well, with a regular expression that takes 6 ms to build. */
function canonical(address: string, family: Family): string | null {
  try {
    return new SocketAddress({ address, family: family === 4 ? 'ipv4' : 'ipv6' }).address;
  } catch {
    return null;
  }
}
