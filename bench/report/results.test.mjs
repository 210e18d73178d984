import { expect, it } from 'vitest';
import { counted, mediansOf, pingAboveRaw, ratios, spreads } from './results.mjs';
import { jain, median, quantile } from './statistics.mjs';
import { judge } from './targets.mjs';

/** @param {string} peer @param {number} round @param {Record<string, number | null>} values @param {Record<string, number>} [counts] */
const sample = (peer, round, values, counts = {}) => ({
  ...{ peer, round, values, counts, problems: [], othersLoad: 0 },
});

const samples = [
  sample('raw', 1, { tcpUp: 10_000, pingIdleP50: 0.04 }),
  sample('raw', 2, { tcpUp: 12_000, pingIdleP50: 0.05 }),
  sample('wireguard-go', 1, { tcpUp: 1_000, pingIdleP50: 0.6 }),
  sample('wireguard-go', 2, { tcpUp: 1_200 }),
  sample('wireguard-go', 3, { tcpUp: 5_000 }),
  sample('masque-vpn', 1, { tcpUp: 3_600, pingIdleP50: 0.1 }, { reorderedDatagrams: 2 }),
  sample('masque-vpn', 2, { tcpUp: null, pingIdleP50: 0.25 }, { reorderedDatagrams: 3 }),
];

it('takes medians and ranges over the rounds in which a measure succeeded', () => {
  const figures = spreads(samples);
  expect(figures['tcpUp']?.['wireguard-go']).toEqual({ median: 1_200, least: 1_000, most: 5_000, times: 3 });
  expect(figures['tcpUp']?.['masque-vpn']).toEqual({ median: 3_600, least: 3_600, most: 3_600, times: 1 });
});

it('divides ours by each peer’s', () => {
  expect(ratios(spreads(samples))['tcpUp']).toEqual({ raw: 3_600 / 11_000, 'wireguard-go': 3 });
});

it('takes the idle ping above the bare wire of the same round', () => {
  const own = spreads(samples)[pingAboveRaw];
  expect(own?.['masque-vpn']?.least).toBeCloseTo(0.06);
  expect(own?.['masque-vpn']?.most).toBeCloseTo(0.2);
  expect(own).not.toHaveProperty('raw');
});

it('adds up what was counted', () => {
  expect(counted(samples)['masque-vpn']).toEqual({ reorderedDatagrams: 5 });
});

it('says met, missed and not measured', () => {
  const judged = judge(mediansOf(spreads(samples)));
  const of = (/** @type {string} */ figure) => judged.find((target) => target.figure === figure);
  expect(of('tcpUp')).toMatchObject({ value: 3, met: true, wanted: '≥ 2.5 × wireguard-go' });
  expect(of(pingAboveRaw)).toMatchObject({ met: false });
  expect(of('udpUp')).toMatchObject({ value: null, met: null });
});

it('compares with the best of the others where that is the target, the bare wire apart', () => {
  const smallUp = { raw: 900, boringtun: 60, 'wireguard-go': 40, 'masque-vpn': 90 };
  expect(judge({ smallUp }).find(({ figure }) => figure === 'smallUp')).toMatchObject({
    value: 1.5,
    met: false,
  });
});

it('knows statistics', () => {
  expect(median([4, 1, null, 3, 2])).toBe(2.5);
  expect(median([null])).toBeNull();
  expect(quantile([5, 1, 4, 2, 3], 0.99)).toBe(5);
  expect(jain([1, 1, 1, 1])).toBe(1);
  expect(jain([4, 0, 0, 0])).toBe(0.25);
});
