import { formatPrefix, parsePrefix } from '@masque-vpn/protocol';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { openPools } from './pools.js';
import { poolUsage } from './poolUsage.js';
import { MemoryLeaseStore } from './testing/memoryLeaseStore.js';

const prefix = (text: string) => {
  const parsed = parsePrefix(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
};

test('each prefix counts its own addresses, without the server’s', async () => {
  await using pools = await openPools({
    ipv4: [prefix('10.0.0.0/30'), prefix('10.1.0.0/29')],
    ipv6: [prefix('fd00::/126')],
    quarantineMs: 1_000,
    store: new MemoryLeaseStore(),
    logger: pino({ level: 'silent' }),
    now: 0,
  });
  for (const clientUuid of ['a', 'b', 'c']) {
    const outcome = await pools.lease({ clientUuid, instance: '', families: [4], now: 0 });
    if (!outcome.ok) throw new Error(outcome.reason);
    if (clientUuid === 'c') for (const lease of outcome.leases) pools.release(lease, 1);
  }
  const shown = poolUsage(pools).map((usage) => ({ ...usage, prefix: formatPrefix(usage.prefix) }));
  const sum = (name: 'leased' | 'quarantined') => shown.reduce((total, usage) => total + usage[name], 0);
  expect(shown.map(({ prefix: text, total }) => [text, total])).toEqual([
    ['10.0.0.0/30', 1],
    ['10.1.0.0/29', 6],
    ['fd00::/126', 2],
  ]);
  expect([sum('leased'), sum('quarantined'), shown[2]]).toEqual([
    2,
    1,
    { prefix: 'fd00::/126', total: 2, leased: 0, quarantined: 0 },
  ]);
});
