import { describe, expect, test } from 'vitest';
import { Registry } from '../metrics/registry.js';
import { meanOf, quantileOf } from './histogram.js';
import { openFiles } from './openFiles.js';
import { RecentLoad } from './recentLoad.js';

describe('a histogram', () => {
  const histogram = { bounds: [0.001, 0.01, 0.1], bins: [50, 40, 9, 1], sum: 0.5 };

  test('has a mean and quantiles, as exact as its bins', () => {
    expect(meanOf(histogram)).toBeCloseTo(5);
    expect(quantileOf(histogram, 0.5)).toBeCloseTo(1);
    expect(quantileOf(histogram, 0.7)).toBeCloseTo(1 + 9 * (20 / 40));
    expect(quantileOf(histogram, 0.99)).toBeCloseTo(100);
  });

  test('says where its last bin begins, as it has no end', () => {
    expect(quantileOf(histogram, 1)).toBeCloseTo(100);
  });

  test('of nothing has neither', () => {
    const empty = { bounds: [1], bins: [0, 0], sum: 0 };
    expect([meanOf(empty), quantileOf(empty, 0.5)]).toEqual([null, null]);
  });
});

describe('the load of the last minute', () => {
  test('is unknown before anything happened', () => {
    expect(new RecentLoad(new Registry()).read()).toEqual({
      store: { readMs: null, writeMs: null },
      eventLoop: { medianMs: null, p99Ms: null },
      workersBusy: null,
    });
  });

  test('is of reads and writes apart, and of workers', () => {
    const registry = new Registry();
    const load = new RecentLoad(registry);
    const latency = registry.family('storeLatency');
    latency.observe(0.002, latency.cell('read'));
    latency.observe(0.004, latency.cell('read'));
    latency.observe(0.02, latency.cell('write'));
    registry.family('workerBusy').add(1);
    registry.family('workerWait').add(3);
    const { store, workersBusy } = load.read();
    expect(store.readMs).toBeCloseTo(3);
    expect(store.writeMs).toBeCloseTo(20);
    expect(workersBusy).toBe(0.25);
  });

  test('forgets what was before', () => {
    const registry = new Registry();
    const load = new RecentLoad(registry);
    registry.family('workerBusy').add(10);
    for (let sample = 0; sample < 12; sample += 1) load.sample();
    registry.family('workerWait').add(1);
    expect(load.read().workersBusy).toBe(0);
  });
});

test('this process has open files, and a limit', () => {
  const { open, most } = openFiles();
  expect(open).toBeGreaterThan(2);
  expect(most).toBeGreaterThan(open ?? 0);
});
