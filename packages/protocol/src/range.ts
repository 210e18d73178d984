import { addressBits, addressesEqual, compareAddresses, formatAddress } from './address.js';
import type { AddressError, IpAddress } from './address.js';
import { lastAddress, type Prefix } from './prefix.js';
import { fail, ok, type Result } from './result.js';

/** An inclusive range of addresses of one family, start ≤ end. */
export interface AddressRange {
  readonly start: IpAddress;
  readonly end: IpAddress;
}

/** Makes a range. Fails with RANGE_INVALID if families differ or start is above end (CIP-801). */
export function addressRange(start: IpAddress, end: IpAddress): Result<AddressRange, AddressError> {
  if (start.family !== end.family || start.value > end.value) {
    return fail({
      code: 'RANGE_INVALID',
      message: `${formatAddress(start)} – ${formatAddress(end)} is no range`,
    });
  }
  return ok({ start, end });
}

/** Whether both are the same range. */
export function rangesEqual(a: AddressRange, b: AddressRange): boolean {
  return addressesEqual(a.start, b.start) && addressesEqual(a.end, b.end);
}

/** First and last address of a prefix. */
export function prefixRange(prefix: Prefix): AddressRange {
  return { start: prefix.address, end: lastAddress(prefix) };
}

/** The range of one address. */
export function hostRange(address: IpAddress): AddressRange {
  return { start: address, end: address };
}

/** Whether the address lies in the range; false for another family. */
export function rangeContains(range: AddressRange, address: IpAddress): boolean {
  return (
    range.start.family === address.family &&
    range.start.value <= address.value &&
    address.value <= range.end.value
  );
}

/**
 * The fewest prefixes that cover exactly this range, ascending (CIP-806):
 * at most 62 for IPv4, 254 for IPv6; a range up to the top address ends there.
 */
export function rangeToPrefixes(range: AddressRange): Prefix[] {
  const { family } = range.start;
  const prefixes: Prefix[] = [];
  let cursor = range.start.value;
  while (cursor <= range.end.value) {
    // The largest block that starts here and does not pass the end.
    const aligned = cursor === 0n ? addressBits(family) : bitLength(cursor & -cursor) - 1;
    const hostBits = Math.min(aligned, bitLength(range.end.value - cursor + 1n) - 1);
    prefixes.push({ address: { family, value: cursor }, length: addressBits(family) - hostBits });
    cursor += 1n << BigInt(hostBits);
  }
  return prefixes;
}

/** The union, sorted (IPv4 first), disjoint, touching ranges joined. */
export function mergeRanges(ranges: readonly AddressRange[]): AddressRange[] {
  const merged: AddressRange[] = [];
  for (const range of ranges.toSorted((a, b) => compareAddresses(a.start, b.start))) {
    const last = merged.at(-1);
    if (last === undefined || !touches(last, range)) merged.push(range);
    else if (range.end.value > last.end.value)
      merged[merged.length - 1] = { start: last.start, end: range.end };
  }
  return merged;
}

/** What is in both, merged. */
export function intersectRanges(a: readonly AddressRange[], b: readonly AddressRange[]): AddressRange[] {
  const left = mergeRanges(a);
  const right = mergeRanges(b);
  const common: AddressRange[] = [];
  for (let i = 0, j = 0; ;) {
    const x = left[i];
    const y = right[j];
    if (x === undefined || y === undefined) return common;
    const start = compareAddresses(x.start, y.start) >= 0 ? x.start : y.start;
    const end = compareAddresses(x.end, y.end) <= 0 ? x.end : y.end;
    if (start.family === end.family && start.value <= end.value) common.push({ start, end });
    if (compareAddresses(x.end, y.end) <= 0) i += 1;
    else j += 1;
  }
}

/** What is in `ranges` and in none of `removed`, merged. */
export function subtractRanges(
  ranges: readonly AddressRange[],
  removed: readonly AddressRange[],
): AddressRange[] {
  const holes = mergeRanges(removed);
  const rest: AddressRange[] = [];
  let next = 0;
  for (const range of mergeRanges(ranges)) {
    let { start } = range;
    let used = false;
    for (let hole = holes[next]; hole !== undefined; hole = holes[next]) {
      if (compareAddresses(hole.end, start) < 0) {
        next += 1;
        continue;
      }
      if (compareAddresses(hole.start, range.end) > 0) break;
      if (hole.start.value > start.value) {
        rest.push({ start, end: { family: start.family, value: hole.start.value - 1n } });
      }
      if (hole.end.value >= range.end.value) {
        used = true;
        break;
      }
      start = { family: start.family, value: hole.end.value + 1n };
    }
    if (!used) rest.push({ start, end: range.end });
  }
  return rest;
}

/** Whether `next`, which does not start before, overlaps or directly follows. */
function touches(last: AddressRange, next: AddressRange): boolean {
  return last.end.family === next.start.family && next.start.value <= last.end.value + 1n;
}

function bitLength(value: bigint): number {
  return value.toString(2).length;
}
