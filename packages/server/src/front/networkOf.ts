import { parseAddress } from '@masque-vpn/protocol';

/** What counts as one sender: an IPv4 address, or a /64 of IPv6, all of which belongs to one owner. */
export function networkOf(address: string): string {
  const [bare = ''] = address.split('%');
  const parsed = parseAddress(bare.replace(/^::ffff:(?=\d+\.)/i, ''));
  if (!parsed.ok) return address;
  const { family, value } = parsed.value;
  return family === 4 ? `4:${value}` : `6:${value >> 64n}`;
}
