import { fail, ok, type Result } from './result.js';

/** IP version as it stands in capsules. */
export type IpFamily = 4 | 6;

/** An IPv4 or IPv6 address: compare `family` and `value`, print with `formatAddress`. */
export interface IpAddress {
  readonly family: IpFamily;
  /** The address as an unsigned big-endian number: 32 or 128 bits. */
  readonly value: bigint;
}

export const ADDRESS_ERROR_CODES = [
  'ADDRESS_INVALID',
  'PREFIX_INVALID',
  'PREFIX_LENGTH_INVALID',
  'PREFIX_HOST_BITS_SET',
  'RANGE_INVALID',
] as const;

/** Why a text or number is no address, prefix or range; the list is `ADDRESS_ERROR_CODES`. */
export type AddressErrorCode = (typeof ADDRESS_ERROR_CODES)[number];

/** An expected failure of the parsers of this package; `message` is for people. */
export interface AddressError {
  readonly code: AddressErrorCode;
  readonly message: string;
}

/** Bits of an address: 32 or 128. */
export function addressBits(family: IpFamily): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/** The highest address of a family as a number. */
export function highestValue(family: IpFamily): bigint {
  return (1n << BigInt(addressBits(family))) - 1n;
}

/** Makes an address of a number; throws RangeError if it does not fit the family (a bug of the caller). */
export function ipAddress(family: IpFamily, value: bigint): IpAddress {
  if (value < 0n || value > highestValue(family))
    throw new RangeError(`not an IPv${family} address: ${value}`);
  return { family, value };
}

/**
 * Parses `192.0.2.1` or `2001:db8::1`. Strict: four decimal numbers without leading zeros,
 * RFC 4291 §2.2 forms for IPv6 (a trailing dotted quad included), no zone id, no brackets, no spaces.
 * Fails with ADDRESS_INVALID.
 */
export function parseAddress(text: string): Result<IpAddress, AddressError> {
  const value = text.includes(':') ? parseIpv6(text) : parseIpv4(text);
  if (value === null)
    return fail({ code: 'ADDRESS_INVALID', message: `"${text.slice(0, 64)}" is not an IP address` });
  return ok({ family: text.includes(':') ? 6 : 4, value });
}

/** The canonical text: dotted quad, or RFC 5952 (IPv4-mapped addresses in mixed notation, RFC 5952 §5). */
export function formatAddress(address: IpAddress): string {
  return address.family === 4 ? formatIpv4(address.value) : formatIpv6(address.value);
}

/** Orders IPv4 before IPv6, then by value; negative, zero or positive. */
export function compareAddresses(a: IpAddress, b: IpAddress): number {
  if (a.family !== b.family) return a.family - b.family;
  return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
}

/** Whether both are the same address of the same family. */
export function addressesEqual(a: IpAddress, b: IpAddress): boolean {
  return a.family === b.family && a.value === b.value;
}

/** Network byte order, 4 or 16 bytes. */
export function addressToBytes(address: IpAddress): Uint8Array {
  const bytes = new Uint8Array(addressBits(address.family) / 8);
  let rest = address.value;
  for (let i = bytes.length - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

/** Reads an address of network byte order; 4 bytes are IPv4, 16 IPv6, anything else is a RangeError (a bug). */
export function addressFromBytes(bytes: Uint8Array): IpAddress {
  if (bytes.length !== 4 && bytes.length !== 16) throw new RangeError(`${bytes.length} bytes are no address`);
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return { family: bytes.length === 4 ? 4 : 6, value };
}

function parseIpv4(text: string): bigint | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  let value = 0n;
  for (const part of parts) {
    // "010" is 8 to some parsers and 10 to others: refused.
    if (!/^(?:0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return null;
    value = (value << 8n) | BigInt(part);
  }
  return value;
}

function parseIpv6(text: string): bigint | null {
  if (text.length > 45) return null;
  const halves = text.split('::');
  const [headText, tailText] = halves;
  if (headText === undefined || halves.length > 2) return null;
  const head = parseGroups(headText, tailText === undefined);
  if (head === null) return null;
  if (tailText === undefined) return head.length === 8 ? joinGroups(head) : null;
  const tail = parseGroups(tailText, true);
  // "::" stands for at least one group of zeros (RFC 4291 §2.2).
  if (tail === null || head.length + tail.length > 7) return null;
  return joinGroups([...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail]);
}

function parseGroups(text: string, quadAllowed: boolean): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (part.includes('.')) {
      const quad = parseIpv4(part);
      if (quad === null || !quadAllowed || index !== parts.length - 1) return null;
      groups.push(Number(quad >> 16n), Number(quad & 0xffffn));
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return null;
    }
  }
  return groups;
}

function joinGroups(groups: readonly number[]): bigint {
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

function formatIpv4(value: bigint): string {
  // Arithmetic of bigints takes memory for each result; up to 53 bits a number does the same.
  const bits = Number(value);
  return `${bits >>> 24}.${(bits >>> 16) & 0xff}.${(bits >>> 8) & 0xff}.${bits & 0xff}`;
}

function formatIpv6(value: bigint): string {
  if (value >> 32n === 0xffffn) return `::ffff:${formatIpv4(value & 0xffff_ffffn)}`;
  const groups: string[] = [];
  for (let shift = 96n; shift >= 0n; shift -= 32n) {
    const pair = Number((value >> shift) & 0xffff_ffffn);
    groups.push((pair >>> 16).toString(16), (pair & 0xffff).toString(16));
  }
  const run = longestZeroRun(groups);
  if (run.length < 2) return groups.join(':');
  return `${groups.slice(0, run.start).join(':')}::${groups.slice(run.start + run.length).join(':')}`;
}

/** The first of the longest runs of zero groups (RFC 5952 §4.2.3). */
function longestZeroRun(groups: readonly string[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== '0') start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  }
  return best;
}
