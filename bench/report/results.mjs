import { ours } from '../peers/peers.mjs';
import { median } from './statistics.mjs';

/** @typedef {import('../rounds.mjs').Sample} Sample */
/** @typedef {{ readonly median: number, readonly least: number, readonly most: number, readonly times: number }} Spread */
/** @typedef {Record<string, Record<string, Spread>>} Spreads by figure, then by peer */

/** What a figure that compares two others is called; derived here because it needs two peers of one round. */
export const pingAboveRaw = 'pingIdleAboveRaw';

/**
 * Median, smallest and largest value of each figure and peer.
 * @param {readonly Sample[]} samples
 * @returns {Spreads}
 */
export function spreads(samples) {
  /** @type {Record<string, Record<string, number[]>>} */
  const all = {};
  for (const { peer, values } of withPingAboveRaw(samples)) {
    for (const [figure, value] of Object.entries(values)) {
      if (value === null || !Number.isFinite(value)) continue;
      ((all[figure] ??= {})[peer] ??= []).push(value);
    }
  }
  return mapValues(all, (byPeer) =>
    mapValues(byPeer, (values) => ({
      median: median(values) ?? Number.NaN,
      least: Math.min(...values),
      most: Math.max(...values),
      times: values.length,
    })),
  );
}

/**
 * Ours ÷ peer's of the medians, by figure and peer.
 * @param {Spreads} figures
 * @returns {Record<string, Record<string, number>>}
 */
export function ratios(figures) {
  return Object.fromEntries(
    Object.entries(figures).flatMap(([figure, byPeer]) => {
      const own = byPeer[ours];
      if (own === undefined) return [];
      const others = Object.entries(byPeer).filter(
        ([peer, { median: other }]) => peer !== ours && other !== 0,
      );
      if (others.length === 0) return [];
      return [[figure, Object.fromEntries(others.map(([peer, other]) => [peer, own.median / other.median]))]];
    }),
  );
}

/** @param {Spreads} figures */
export const mediansOf = (figures) =>
  mapValues(figures, (byPeer) => mapValues(byPeer, ({ median: value }) => value));

/**
 * Sums of what was counted, by peer.
 * @param {readonly Sample[]} samples
 */
export function counted(samples) {
  /** @type {Record<string, Record<string, number>>} */
  const sums = {};
  for (const { peer, counts } of samples) {
    for (const [what, number] of Object.entries(counts)) {
      const own = (sums[peer] ??= {});
      own[what] = (own[what] ?? 0) + number;
    }
  }
  return sums;
}

/** @param {readonly Sample[]} samples */
function withPingAboveRaw(samples) {
  return samples.map((sample) => {
    const bare = samples.find(
      ({ peer, round, values }) => peer === 'raw' && round === sample.round && 'pingIdleP50' in values,
    );
    const [own, wire] = [sample.values['pingIdleP50'], bare?.values['pingIdleP50']];
    if (typeof own !== 'number' || typeof wire !== 'number' || sample.peer === 'raw') return sample;
    return { ...sample, values: { ...sample.values, [pingAboveRaw]: own - wire } };
  });
}

/**
 * @template A, B
 * @param {Record<string, A>} record
 * @param {(value: A) => B} change
 * @returns {Record<string, B>}
 */
export const mapValues = (record, change) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
