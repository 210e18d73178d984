import { addressBits, formatAddress, parseAddress } from './address.js';
import type { AddressError, IpAddress, IpFamily } from './address.js';
import { fail, ok, type Result } from './result.js';

/** An IP prefix; bits of `address` below `length` are zero in every value made by this package. */
export interface Prefix {
  readonly address: IpAddress;
  /** 0–32 or 0–128. */
  readonly length: number;
}

/** Makes a prefix. Fails with PREFIX_LENGTH_INVALID or PREFIX_HOST_BITS_SET (CIP-702, CIP-703). */
export function ipPrefix(address: IpAddress, length: number): Result<Prefix, AddressError> {
  if (!Number.isInteger(length) || length < 0 || length > addressBits(address.family)) {
    const message = `a prefix length of IPv${address.family} is 0 to ${addressBits(address.family)}, not ${length}`;
    return fail({ code: 'PREFIX_LENGTH_INVALID', message });
  }
  if ((address.value & hostMask(address.family, length)) !== 0n) {
    const network = formatPrefix(enclosingPrefix(address, length));
    const message = `${formatAddress(address)}/${length} has bits set below its length; the prefix is ${network}`;
    return fail({ code: 'PREFIX_HOST_BITS_SET', message });
  }
  return ok({ address, length });
}

/** The prefix of one address: /32 or /128. */
export function hostPrefix(address: IpAddress): Prefix {
  return { address, length: addressBits(address.family) };
}

/** The prefix of this length around an address (host bits cleared). Throws RangeError on a bad length (a bug). */
export function enclosingPrefix(address: IpAddress, length: number): Prefix {
  if (!Number.isInteger(length) || length < 0 || length > addressBits(address.family)) {
    throw new RangeError(`prefix length ${length}`);
  }
  const value = address.value & ~hostMask(address.family, length);
  return { address: { family: address.family, value }, length };
}

/**
 * Parses `10.0.0.0/8`, `2001:db8::/32`; an address without length is its host prefix.
 * Fails with ADDRESS_INVALID, PREFIX_INVALID, PREFIX_LENGTH_INVALID or PREFIX_HOST_BITS_SET.
 */
export function parsePrefix(text: string): Result<Prefix, AddressError> {
  const slash = text.indexOf('/');
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (!address.ok) return address;
  if (slash < 0) return ok(hostPrefix(address.value));
  const length = text.slice(slash + 1);
  if (!/^(?:0|[1-9][0-9]{0,2})$/.test(length)) {
    return fail({ code: 'PREFIX_INVALID', message: `"${text.slice(0, 64)}" is not an IP prefix` });
  }
  return ipPrefix(address.value, Number(length));
}

/** `10.0.0.0/8`; always with its length. */
export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(prefix.address)}/${prefix.length}`;
}

/** The highest address in the prefix; `address` is the lowest. */
export function lastAddress(prefix: Prefix): IpAddress {
  const { family, value } = prefix.address;
  return { family, value: value | hostMask(family, prefix.length) };
}

/** How many addresses a prefix has. */
export function prefixSize(prefix: Prefix): bigint {
  return hostMask(prefix.address.family, prefix.length) + 1n;
}

/** Whether the address lies in the prefix; false for another family. */
export function prefixContains(prefix: Prefix, address: IpAddress): boolean {
  if (prefix.address.family !== address.family) return false;
  return (address.value & ~hostMask(address.family, prefix.length)) === prefix.address.value;
}

/** Whether two prefixes share an address. */
export function prefixesOverlap(a: Prefix, b: Prefix): boolean {
  return a.length <= b.length ? prefixContains(a, b.address) : prefixContains(b, a.address);
}

/** Whether both are the same prefix. */
export function prefixesEqual(a: Prefix, b: Prefix): boolean {
  return (
    a.length === b.length && a.address.family === b.address.family && a.address.value === b.address.value
  );
}

/** Ones below the prefix length. BigInt shifts have no wrap at /0 or /32 (CIP-703). */
function hostMask(family: IpFamily, length: number): bigint {
  return (1n << BigInt(addressBits(family) - length)) - 1n;
}
