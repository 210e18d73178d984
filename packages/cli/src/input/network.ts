import { formatAddress, formatPrefix, parseAddress, parsePrefix } from '@masque-vpn/protocol';
import { means, type Parsed, wrong } from './parsed.js';

/** An IP address, in its canonical form. */
export function parseAddressText(text: string): Parsed<string> {
  const parsed = parseAddress(text);
  return parsed.ok ? means(formatAddress(parsed.value)) : wrong(`must be an IP address, not "${text}"`);
}

/** A prefix, `10.0.0.0/8`; an address alone is the prefix of one host. */
export function parsePrefixText(text: string): Parsed<string> {
  const parsed = parsePrefix(text);
  return parsed.ok
    ? means(formatPrefix(parsed.value))
    : wrong(`must be an IP prefix: ${parsed.error.message}`);
}

/** `22`, `8000-8010` */
export function parsePortRange(text: string): Parsed<[number, number]> {
  const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const range: [number, number] = [Number(first), Number(last)];
  const isRange = range[0] >= 1 && range[1] <= 65_535 && range[0] <= range[1];
  return isRange ? means(range) : wrong('must be ports like 22,80,8000-8010');
}

/** One port. */
export function parsePort(text: string): Parsed<number> {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? means(port) : wrong('must be a port from 1 to 65535');
}

/** `tcp`, `udp`, `icmp`, `any` or a protocol number. */
export function parseProtocol(text: string): Parsed<'any' | 'icmp' | 'tcp' | 'udp' | number> {
  if (text === 'any' || text === 'icmp' || text === 'tcp' || text === 'udp') return means(text);
  const number = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= 255
    ? means(number)
    : wrong('must be tcp, udp, icmp, any, or a protocol number from 1 to 255');
}
