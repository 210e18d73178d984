import { prefixRange, type AddressRange, type IpAddress, type Prefix } from '@masque-vpn/protocol';

/**
 * The addresses of a pool prefix that an interface may have, gateway included. Without network and broadcast address
 * in IPv4 (RFC 1122 §3.2.1.3), without the subnet-router anycast address in IPv6 (RFC 4291 §2.6.1); the
 * point-to-point prefixes /31, /32 (RFC 3021), /127 and /128 (RFC 6164) are usable as a whole.
 */
export function usableRange(prefix: Prefix): AddressRange {
  const { start, end } = prefixRange(prefix);
  if (prefix.length > (start.family === 4 ? 30 : 126)) return { start, end };
  const last = start.family === 4 ? end.value - 1n : end.value;
  return {
    start: { family: start.family, value: start.value + 1n },
    end: { family: end.family, value: last },
  };
}

/** The server's own tunnel address: the first usable one of a family's first pool; null without a pool. */
export function gatewayAddress(pools: readonly Prefix[]): IpAddress | null {
  const [first] = pools;
  return first === undefined ? null : usableRange(first).start;
}

/** What clients can get of a family's pools: usable and not the gateway; ranges may be empty no more. */
export function clientRanges(pools: readonly Prefix[]): readonly AddressRange[] {
  const gateway = gatewayAddress(pools);
  return pools.map(usableRange).flatMap((range) => {
    if (range.start.value !== gateway?.value) return [range];
    if (range.start.value === range.end.value) return [];
    return [{ start: { family: range.start.family, value: range.start.value + 1n }, end: range.end }];
  });
}
