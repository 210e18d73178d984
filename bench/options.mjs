import { StepFailure } from '../scripts/bootstrap/failure.mjs';
import { readFlags } from '../scripts/bootstrap/flags.mjs';
import { measures } from './measures/measures.mjs';
import { peers, variants } from './peers/peers.mjs';

const name = 'npm run bench';
/** When `--quick` begins nothing new, so that it ends within three minutes on a busy machine too. */
const quickMs = 135_000;

/** @type {import('./measures/measure.mjs').Effort} */
const full = {
  seconds: 5,
  pings: 200,
  setups: 1_000,
  sessions: 10_000,
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
  const flags = readFlags(
    {
      name,
      about: 'Our tunnel beside others, in one run; see docs/performance.md.',
      flags: {
        quick: { is: 'switch', help: 'less than three minutes' },
        only: { is: 'text', shown: 'MEASURES', help: 'of these, or of their figures' },
        peers: { is: 'text', shown: 'LIST', help: 'only these' },
        rounds: {
          is: 'number',
          shown: 'N',
          help: 'how often everything is measured (default: 5; with --quick: 1)',
        },
        seconds: { is: 'number', shown: 'N', help: 'length of each load' },
        sessions: { is: 'number', shown: 'N', help: 'held for the measure of memory' },
        cells: { is: 'text', shown: 'two|few|all', help: 'of the lossy wire' },
        together: { is: 'number', least: 0, shown: 'MBIT', help: 'wires up to this rate run side by side' },
        minutes: { is: 'number', shown: 'N', default: 240, help: 'after which nothing new begins' },
        continue: { is: 'text', shown: 'FILE', help: 'results of an earlier run that are kept' },
        json: { is: 'text', shown: 'FILE', help: 'for medians, ranges, ratios and targets' },
        publish: { is: 'switch', help: 'put the results into docs/performance.md' },
      },
      more: [
        `Measures: ${measures.map((measure) => measure.name).join(', ')}`,
        `Peers: ${peers.map((peer) => peer.name).join(', ')}`,
      ].join('\n'),
    },
    args,
  );
  const effort = flags.quick ? quick : full;
  const { cells = effort.cells, together: togetherMbit = effort.togetherMbit } = flags;
  const { seconds = effort.seconds, sessions = effort.sessions } = flags;
  if (cells !== 'two' && cells !== 'few' && cells !== 'all')
    throw wrong('--cells', cells, ['two', 'few', 'all']);
  return {
    measures: chosenMeasures(flags.only, flags.quick),
    peers: chosenPeers(flags.peers),
    rounds: flags.rounds ?? (flags.quick ? 1 : 5),
    effort: { ...effort, cells, togetherMbit, seconds, sessions },
    withinMs: flags.quick ? quickMs : flags.minutes * 60_000,
    continued: flags.continue ?? null,
    json: flags.json ?? null,
    publish: flags.publish,
    quick: flags.quick,
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
  new StepFailure(name, `${flag} knows no ${value}`, `choose from: ${[...new Set(possible)].join(', ')}`);
