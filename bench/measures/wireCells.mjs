/**
 * One lossy network with one load on it.
 * @typedef {object} Cell
 * @property {number} rttMs
 * @property {readonly number[]} mbit rate; several follow each other twice a second
 * @property {number} bdp queue, in products of rate and round trip
 * @property {number} lossPercent
 * @property {number} burst mean length of a run of losses
 * @property {number} reorderPercent packets that come 2 ms late
 * @property {'cubic' | 'bbr'} inner
 */

/** Inner flows: eight of Cubic, because one limits itself under loss; or one of BBR. */
export const innerFlows = { cubic: 8, bbr: 1 };

/** @type {Cell} */
const plain = {
  rttMs: 20,
  mbit: [100],
  bdp: 1,
  lossPercent: 0,
  burst: 1,
  reorderPercent: 0,
  inner: 'cubic',
};
const changing = [100, 20, 50];

/** Every cell of the table of targets. @returns {Cell[]} */
function everyCell() {
  return [20, 100].flatMap((rttMs) =>
    [100, 500].flatMap((rate) =>
      [1, 4].flatMap((bdp) =>
        losses.flatMap(([lossPercent, burst]) =>
          /** @type {const} */ (['cubic', 'bbr']).map((inner) => ({
            ...plain,
            ...{ rttMs, mbit: [rate], bdp, lossPercent, burst, inner },
          })),
        ),
      ),
    ),
  );
}

/** @type {readonly (readonly [percent: number, burst: number])[]} */
const losses = [
  [0, 1],
  [0.1, 1],
  [0.1, 5],
  [1, 1],
  [1, 5],
];

/** @type {readonly Cell[]} */
const two = [
  { ...plain, lossPercent: 0.1 },
  { ...plain, lossPercent: 1, inner: 'bbr' },
];

/** @type {readonly Cell[]} */
const few = [
  plain,
  ...two,
  { ...plain, lossPercent: 1 },
  { ...plain, lossPercent: 1, burst: 5 },
  { ...plain, bdp: 4, lossPercent: 0.1 },
  { ...plain, mbit: [500], lossPercent: 0.1, inner: 'bbr' },
  { ...plain, rttMs: 100, lossPercent: 0.1 },
  { ...plain, rttMs: 100, lossPercent: 1, inner: 'bbr' },
  { ...plain, mbit: changing },
  { ...plain, mbit: changing, lossPercent: 0.1, inner: 'bbr' },
  { ...plain, reorderPercent: 1 },
];

/**
 * The cells to be measured.
 * @param {'two' | 'few' | 'all'} which
 * @returns {readonly Cell[]}
 */
export const cellsOf = (which) =>
  which === 'two'
    ? two
    : which === 'few'
      ? few
      : [...everyCell(), ...few.filter((cell) => cell.mbit.length > 1 || cell.reorderPercent > 0)];

/**
 * What a cell is called in results.
 * @param {Cell} cell
 */
export function nameOf({ rttMs, mbit, bdp, lossPercent, burst, reorderPercent, inner }) {
  return [
    `${rttMs} ms`,
    `${mbit.join('/')} Mbit/s`,
    `${bdp} BDP`,
    `${lossPercent} %${burst > 1 ? ` in runs of ${burst}` : ''}`,
    ...(reorderPercent > 0 ? [`${reorderPercent} % reordered`] : []),
    `${innerFlows[inner]} ${inner === 'cubic' ? 'Cubic' : 'BBR'}`,
  ].join(', ');
}

/**
 * The smallest share of plain TCP's goodput that is good enough; null where nothing is promised.
 * @param {Cell} cell
 */
export const floorOf = ({ mbit, lossPercent, reorderPercent }) =>
  mbit.length > 1 || reorderPercent > 0 ? null : lossPercent > 0.1 ? 0.88 : 0.92;

/**
 * How much of a load does not count, because TCP and the tunnel only begin, and how much does; whole seconds. Where rates change, what
 * counts sees each of them equally long.
 * @param {Cell} cell
 */
export const loadOf = ({ rttMs, mbit }) =>
  rttMs > 50 ? { cut: 2, seconds: 3 } : { cut: 1, seconds: mbit.length > 1 ? 3 : 2 };

/**
 * The wire’s arguments. Losses hit the direction of the load, from client to server; the rest is in both.
 * @param {Omit<Cell, 'inner'>} cell
 * @param {number} seed of everything random
 */
export function wireArguments({ rttMs, mbit, bdp, lossPercent, burst, reorderPercent }, seed) {
  const queue = Math.round((Math.max(...mbit) * 1e6 * (rttMs / 1000) * bdp) / 8);
  const facts = {
    rate: mbit.join(','),
    // So short that every load sees all rates several times.
    'rate-step': 500,
    delay: rttMs / 2,
    queue,
    loss: lossPercent,
    burst,
    reorder: reorderPercent,
    seed,
  };
  return Object.entries(facts).flatMap(([name, value]) => [`--${name}`, String(value)]);
}
