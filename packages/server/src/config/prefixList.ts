import { enclosingPrefix, formatPrefix, isAssignable, parseAddress, parsePrefix } from '@masque-vpn/protocol';
import { prefixRange, prefixesOverlap, type Prefix } from '@masque-vpn/protocol';
import { clientRanges } from './poolPrefix.js';
import type { KeyPath } from './positions.js';
import type { ProblemCollector } from './problemCollector.js';

/** Parses a list of prefixes; reports and leaves out what is none. */
export function parsePrefixList(
  texts: readonly string[],
  path: KeyPath,
  collector: ProblemCollector,
): { readonly prefix: Prefix; readonly path: KeyPath }[] {
  return texts.flatMap((text, index) => {
    const own = [...path, index];
    const prefix = parseOne(text, own, collector);
    return prefix === null ? [] : [{ prefix, path: own }];
  });
}

/** The pools of one family, checked: right family, addresses hosts can have, no overlap, room for a client. */
export function parsePools(
  texts: readonly string[],
  family: 4 | 6,
  path: KeyPath,
  collector: ProblemCollector,
): readonly Prefix[] {
  const listed = parsePrefixList(texts, path, collector);
  const usable = listed.filter(({ prefix, path: own }) => {
    if (prefix.address.family !== family) {
      const other = family === 4 ? 'pool.ipv6' : 'pool.ipv4';
      const message = `${formatPrefix(prefix)} is no IPv${family} prefix`;
      collector.report({
        code: 'CONFIG_WRONG_FAMILY',
        path: own,
        message,
        suggestion: `Move it to ${other}.`,
      });
      return false;
    }
    const { start, end } = prefixRange(prefix);
    if (isAssignable(start) && isAssignable(end)) return true;
    collector.report({
      code: 'CONFIG_POOL_UNUSABLE',
      path: own,
      message: `${formatPrefix(prefix)} has addresses that no host can have (loopback, link-local, multicast or reserved)`,
      suggestion: `Write a private prefix, for example "${family === 4 ? '10.89.0.0/16' : 'fd4d:5156:504e::/64'}".`,
    });
    return false;
  });
  reportOverlaps(usable, collector);
  const prefixes = usable.map(({ prefix }) => prefix);
  if (listed.length > 0 && usable.length === texts.length && clientRanges(prefixes).length === 0) {
    collector.report({
      code: 'CONFIG_POOL_TOO_SMALL',
      path,
      message: 'the server itself takes the only address, none is left for clients',
      suggestion: `Write a shorter prefix, at most /${family === 4 ? 30 : 126}.`,
    });
  }
  return prefixes;
}

function parseOne(text: string, path: KeyPath, collector: ProblemCollector): Prefix | null {
  const parsed = parsePrefix(text);
  if (parsed.ok && text.includes('/')) return parsed.value;
  if (parsed.ok) {
    const suggestion = `Write "${formatPrefix(parsed.value)}" for this one address, or a shorter length.`;
    collector.report({
      code: 'CONFIG_BAD_PREFIX',
      path,
      message: `"${text}" has no prefix length`,
      suggestion,
    });
    return null;
  }
  const [host = '', length = ''] = text.split('/');
  const address = parseAddress(host);
  if (parsed.error.code === 'PREFIX_HOST_BITS_SET' && address.ok) {
    const network = formatPrefix(enclosingPrefix(address.value, Number(length)));
    const message = `"${text}" has bits set below its length`;
    collector.report({ code: 'CONFIG_HOST_BITS_SET', path, message, suggestion: `Write "${network}".` });
    return null;
  }
  const suggestion = 'Write a prefix as "10.89.0.0/16" or "fd4d:5156:504e::/64".';
  collector.report({ code: 'CONFIG_BAD_PREFIX', path, message: parsed.error.message, suggestion });
  return null;
}

function reportOverlaps(
  pools: readonly { readonly prefix: Prefix; readonly path: KeyPath }[],
  collector: ProblemCollector,
): void {
  for (const [index, { prefix, path }] of pools.entries()) {
    const earlier = pools.slice(0, index).find((other) => prefixesOverlap(other.prefix, prefix));
    if (earlier === undefined) continue;
    collector.report({
      code: 'CONFIG_POOL_OVERLAP',
      path,
      message: `${formatPrefix(prefix)} and ${formatPrefix(earlier.prefix)} share addresses`,
      suggestion: `Remove ${formatPrefix(prefix.length >= earlier.prefix.length ? prefix : earlier.prefix)}: the other contains it.`,
    });
  }
}
