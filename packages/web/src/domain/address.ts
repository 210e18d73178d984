/** An IP address; `bits` is its value, most significant first. */
export interface Address {
  readonly family: 4 | 6;
  readonly bits: bigint;
}

/** An IP prefix whose bits below `length` are zero. */
export interface Prefix {
  readonly address: Address;
  readonly length: number;
}

/** Why a text is no prefix; `hostBits`: it would be one if the bits below its length were zero, as in `network`. */
export type PrefixMistake =
  | { readonly code: 'notAPrefix' }
  | { readonly code: 'lengthTooLong'; readonly most: number }
  | { readonly code: 'hostBits'; readonly network: string };

export const addressBits = { 4: 32, 6: 128 } as const;

/** `192.0.2.1` or `2001:db8::1` (RFC 4291 §2.2); null: it is none. Zones and leading zeros of IPv4 are none. */
export function parseAddress(text: string): Address | null {
  if (text.includes(':')) {
    const bits = parseIpv6(text);
    return bits === null ? null : { family: 6, bits };
  }
  const bits = parseIpv4(text);
  return bits === null ? null : { family: 4, bits };
}

/** The canonical text of an address (RFC 5952 §4). */
export function formatAddress({ family, bits }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => String((bits >> shift) & 255n)).join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number((bits >> BigInt(112 - 16 * index)) & 65_535n),
  );
  const gap = longestZeros(groups);
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  if (gap === null) return hex(groups);
  return `${hex(groups.slice(0, gap.start))}::${hex(groups.slice(gap.start + gap.length))}`;
}

/** `10.0.0.0/8`; an address alone is the prefix of one host. */
export function parsePrefix(text: string): Prefix | PrefixMistake {
  const [addressText = '', lengthText, ...rest] = text.split('/');
  const address = parseAddress(addressText);
  if (address === null || rest.length > 0) return { code: 'notAPrefix' };
  const most = addressBits[address.family];
  if (lengthText === undefined) return { address, length: most };
  if (!/^(0|[1-9]\d{0,2})$/.test(lengthText)) return { code: 'notAPrefix' };
  const length = Number(lengthText);
  if (length > most) return { code: 'lengthTooLong', most };
  const below = BigInt(most - length);
  const network: Address = { ...address, bits: (address.bits >> below) << below };
  if (network.bits !== address.bits)
    return { code: 'hostBits', network: `${formatAddress(network)}/${length}` };
  return { address, length };
}

/** Prefixes out of what people type: separated by commas, spaces or lines; each once, the first that is none named. */
export function parsePrefixList(
  text: string,
):
  | { readonly ok: true; readonly prefixes: readonly string[] }
  | { readonly ok: false; readonly text: string; readonly mistake: PrefixMistake } {
  const found = new Set<string>();
  for (const part of partsOf(text)) {
    const prefix = parsePrefix(part);
    if ('code' in prefix) return { ok: false, text: part, mistake: prefix };
    found.add(formatPrefix(prefix));
  }
  return { ok: true, prefixes: [...found] };
}

/** The canonical text of a prefix, with its length. */
export function formatPrefix({ address, length }: Prefix): string {
  return `${formatAddress(address)}/${length}`;
}

/** The prefix of one host. */
export function hostPrefix(address: Address): Prefix {
  return { address, length: addressBits[address.family] };
}

/** A DNS name as rules take it: letters, digits, dashes and underscores between dots; never an address. */
export function isDnsName(text: string): boolean {
  const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
  const inner = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
  const shape = new RegExp(`^(?=.*[a-z])(?:${inner}\\.)*${label}$`, 'i');
  return text.length <= 253 && shape.test(text) && parseAddress(text) === null;
}

/** What people separate by commas, semicolons, spaces or lines. */
export function partsOf(text: string): readonly string[] {
  return text.split(/[\s,;，；、]+/).filter((part) => part !== '');
}

function parseIpv4(text: string): bigint | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) {
    return null;
  }
  return parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
}

function parseIpv6(text: string): bigint | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const [head, tail] = halves.map(groupsOf);
  if (head === undefined || head === null || tail === null) return null;
  const count = head.length + (tail?.length ?? 0);
  if (tail === undefined ? count !== 8 : count > 7) return null;
  const zeros = Array.from({ length: 8 - count }, () => 0);
  return [...head, ...zeros, ...(tail ?? [])].reduce((bits, group) => (bits << 16n) | BigInt(group), 0n);
}

/** Sixteen bits each; an IPv4 address at the end is two of them. */
function groupsOf(text: string): readonly number[] | null {
  if (text === '') return [];
  const parts = text.split(':');
  const last = parts.at(-1) ?? '';
  const ipv4 = last.includes('.') ? parseIpv4(last) : undefined;
  if (ipv4 === null) return null;
  const hex = ipv4 === undefined ? parts : parts.slice(0, -1);
  if (!hex.every((part) => /^[0-9a-f]{1,4}$/i.test(part))) return null;
  const groups = hex.map((part) => Number.parseInt(part, 16));
  return ipv4 === undefined ? groups : [...groups, Number(ipv4 >> 16n), Number(ipv4 & 65_535n)];
}

/** The longest run of at least two zeros; the first of equals. */
function longestZeros(groups: readonly number[]): { readonly start: number; readonly length: number } | null {
  const runs = groups.map((_, start) => {
    const end = groups.findIndex((group, index) => index >= start && group !== 0);
    return { start, length: (end < 0 ? groups.length : end) - start };
  });
  const longest = Math.max(...runs.map(({ length }) => length));
  return longest < 2 ? null : (runs.find(({ length }) => length === longest) ?? null);
}
