import { parseArgs } from 'node:util';
import { StepFailure } from '../scripts/bootstrap/failure.mjs';
import { measures } from './measures/measures.mjs';
import { peers, variants } from './peers/peers.mjs';

/** When `--quick` begins nothing new, so that it ends within three minutes on a busy machine too. */
const quickMs = 135_000;

/** @type {import('./measures/measure.mjs').Effort} */
const full = {
  seconds: 5,
  pings: 200,
  setups: 1_000,
  sessions: 2_000,
  megabytes: 64,
  cells: 'few',
  togetherMbit: 100,
};
/** @type {import('./measures/measure.mjs').Effort} */
const quick = {
  seconds: 1,
  pings: 60,
  setups: 200,
  sessions: 200,
  megabytes: 8,
  cells: 'two',
  togetherMbit: 100,
};

/**
 * @typedef {object} Options
 * @property {readonly import('./measures/measure.mjs').Measure[]} measures
 * @property {readonly import('./peers/peer.mjs').Peer[]} peers
 * @property {number} rounds
 * @property {import('./measures/measure.mjs').Effort} effort
 * @property {number} withinMs after which nothing new is begun
 * @property {string | null} continued file of an interrupted run whose results are kept
 * @property {string | null} json file for the results
 * @property {boolean} publish put the results into docs/performance.md
 * @property {boolean} quick
 */

/**
 * Reads the command line. Fails with what to write instead.
 * @param {readonly string[]} args
 * @returns {Options}
 */
export function readOptions(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      peers: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      sessions: { type: 'string' },
      cells: { type: 'string' },
      together: { type: 'string' },
      minutes: { type: 'string', default: '240' },
      continue: { type: 'string' },
      json: { type: 'string' },
      publish: { type: 'boolean', default: false },
    },
  });
  const effort = values.quick ? quick : full;
  const { cells = effort.cells } = values;
  if (cells !== 'two' && cells !== 'few' && cells !== 'all')
    throw wrong('--cells', cells, ['two', 'few', 'all']);
  return {
    measures: chosenMeasures(values.only, values.quick),
    peers: chosenPeers(values.peers),
    rounds: values.rounds === undefined ? (values.quick ? 1 : 5) : Number(values.rounds),
    effort: {
      ...effort,
      cells,
      ...(values.together !== undefined && { togetherMbit: Number(values.together) }),
      ...(values.seconds !== undefined && { seconds: Number(values.seconds) }),
      ...(values.sessions !== undefined && {
        sessions: Number(values.sessions),
      }),
    },
    withinMs: values.quick ? quickMs : Number(values.minutes) * 60_000,
    continued: values.continue ?? null,
    json: values.json ?? null,
    publish: values.publish,
    quick: values.quick,
  };
}

/**
 * Measures by their own names or those of their figures.
 * @param {string | undefined} only
 * @param {boolean} quick
 */
function chosenMeasures(only, quick) {
  if (only === undefined) return measures.filter((measure) => measure.quick || !quick);
  const names = measures.map(({ name, figures }) => [name, ...Object.keys(figures)]);
  const wanted = split(only, '--only', names.flat());
  return measures.filter((_, index) => names[index]?.some((name) => wanted.includes(name)));
}

/** @param {string | undefined} list */
function chosenPeers(list) {
  if (list === undefined) return peers.filter(({ name }) => !variants.includes(name));
  const wanted = split(
    list,
    '--peers',
    peers.map(({ name }) => name),
  );
  return peers.filter(({ name }) => wanted.includes(name));
}

/** @param {string} list @param {string} flag @param {readonly string[]} possible */
function split(list, flag, possible) {
  const wanted = list.split(',').map((name) => name.trim());
  const unknown = wanted.find((name) => !possible.includes(name));
  if (unknown !== undefined) throw wrong(flag, unknown, possible);
  return wanted;
}

/** @param {string} flag @param {string} value @param {readonly string[]} possible */
const wrong = (flag, value, possible) =>
  new StepFailure(
    'npm run bench',
    `${flag} knows no ${value}`,
    `choose from: ${[...new Set(possible)].join(', ')}`,
  );
