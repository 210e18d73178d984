import { ManualClock } from '@masque-vpn/engine/fake';
import { expect, test } from 'vitest';
import { sampleOf } from '../testing/exposition.js';
import { StubCounters } from '../testing/stubCounters.js';
import { Metrics } from './metrics.js';
import { Scraper } from './scrape.js';

function setUp(): { clock: ManualClock; metrics: Metrics; scraper: Scraper } {
  const clock = new ManualClock();
  const metrics = new Metrics({
    engine: new StubCounters(),
    clock,
    retentionMs: 1,
    gauges: { ipv4Pool: () => ({ total: 0, used: 0, available: 0 }), tunActive: () => false },
  });
  return { clock, metrics, scraper: new Scraper(metrics, clock, 100) };
}

test('scrapes that come too soon share the next rendering, which is newer than each of them', async () => {
  const { clock, metrics, scraper } = setUp();
  const first = await scraper.scrape();
  const second = scraper.scrape();
  clock.advance(50);
  metrics.error('tun');
  const third = scraper.scrape();
  expect(third).toBe(second);
  clock.advance(50);
  const name = 'masque_vpn_errors_total';
  expect(sampleOf(first, name, { error_type: 'tun' })).toBe(0);
  expect(sampleOf(await second, name, { error_type: 'tun' })).toBe(1);
});

test('a scrape after the interval is answered at once', async () => {
  const { clock, scraper } = setUp();
  await scraper.scrape();
  clock.advance(100);
  const pending = clock.pending;
  await scraper.scrape();
  expect(clock.pending).toBe(pending);
});
