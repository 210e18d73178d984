import { formatAddress, parsePrefix, type Prefix } from '@masque-vpn/protocol';
import { describe, expect, it } from 'vitest';
import { clientRanges, gatewayAddress, usableRange } from './poolPrefix.js';

function prefix(text: string): Prefix {
  const parsed = parsePrefix(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

function ends({ start, end }: ReturnType<typeof usableRange>): string {
  return `${formatAddress(start)} – ${formatAddress(end)}`;
}

describe('a pool prefix', () => {
  it.each([
    ['10.89.0.0/16', '10.89.0.1 – 10.89.255.254'],
    ['10.0.0.0/30', '10.0.0.1 – 10.0.0.2'],
    ['10.0.0.0/31', '10.0.0.0 – 10.0.0.1'],
    ['10.0.0.9/32', '10.0.0.9 – 10.0.0.9'],
    ['fd00::/64', 'fd00::1 – fd00::ffff:ffff:ffff:ffff'],
    ['fd00::/126', 'fd00::1 – fd00::3'],
    ['fd00::2/127', 'fd00::2 – fd00::3'],
    ['fd00::9/128', 'fd00::9 – fd00::9'],
  ])('%s is usable from %s', (text, expected) => {
    expect(ends(usableRange(prefix(text)))).toBe(expected);
  });

  it('gives the first usable address of the first pool to the server', () => {
    expect(gatewayAddress([])).toBeNull();
    const pools = [prefix('10.1.0.0/24'), prefix('10.0.0.0/24')];
    const gateway = gatewayAddress(pools);
    expect(gateway === null ? null : formatAddress(gateway)).toBe('10.1.0.1');
    expect(clientRanges(pools).map(ends)).toEqual(['10.1.0.2 – 10.1.0.254', '10.0.0.1 – 10.0.0.254']);
  });

  it('of one address has none for clients', () => {
    expect(clientRanges([prefix('10.0.0.1/32')])).toEqual([]);
    expect(clientRanges([prefix('10.0.0.0/31')]).map(ends)).toEqual(['10.0.0.1 – 10.0.0.1']);
  });
});
