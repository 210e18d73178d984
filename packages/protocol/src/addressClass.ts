import type { IpAddress } from './address.js';
import { parsePrefix, prefixContains, type Prefix } from './prefix.js';

/** What kind of address it is, as far as forwarding and assignment care (CIP-716, CIP-1014). */
export type AddressClass =
  | 'unspecified'
  | 'loopback'
  | 'linkLocal'
  | 'multicast'
  /** 255.255.255.255 only. */
  | 'broadcast'
  /** 0.0.0.0/8 and 240.0.0.0/4. */
  | 'reserved'
  /** ::ffff:0:0/96 */
  | 'ipv4Mapped'
  /** RFC 1918, 100.64.0.0/10 and fc00::/7: assignable, not globally routable. */
  | 'private'
  | 'global';

/** First match wins, so the narrower stands first. */
const CLASSES: readonly (readonly [AddressClass, Prefix])[] = (
  [
    ['unspecified', '0.0.0.0/32'],
    ['reserved', '0.0.0.0/8'],
    ['loopback', '127.0.0.0/8'],
    ['linkLocal', '169.254.0.0/16'],
    ['multicast', '224.0.0.0/4'],
    ['broadcast', '255.255.255.255/32'],
    ['reserved', '240.0.0.0/4'],
    ['private', '10.0.0.0/8'],
    ['private', '172.16.0.0/12'],
    ['private', '192.168.0.0/16'],
    ['private', '100.64.0.0/10'],
    ['unspecified', '::/128'],
    ['loopback', '::1/128'],
    ['ipv4Mapped', '::ffff:0:0/96'],
    ['linkLocal', 'fe80::/10'],
    ['multicast', 'ff00::/8'],
    ['private', 'fc00::/7'],
  ] as const
).flatMap(([name, text]) => {
  const parsed = parsePrefix(text);
  return parsed.ok ? [[name, parsed.value] as const] : [];
});

/** The class of one address. */
export function classifyAddress(address: IpAddress): AddressClass {
  return CLASSES.find(([, prefix]) => prefixContains(prefix, address))?.[0] ?? 'global';
}

/** Whether hosts may have it as their own address: private or global unicast. */
export function isAssignable(address: IpAddress): boolean {
  const kind = classifyAddress(address);
  return kind === 'private' || kind === 'global';
}
