import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { MachineLoad } from './load/processes.mjs';
import { openTunnel } from './peers/peer.mjs';
import { masqueVpn } from './peers/masqueVpn.mjs';

/** @typedef {import('./measures/measure.mjs').Measure} Measure */
/** @typedef {import('./peers/peer.mjs').Peer} Peer */

/** For how long the machine is watched while nothing of ours runs. */
const quietMs = 300;

/**
 * What one peer showed in one round.
 * @typedef {object} Sample
 * @property {string} peer
 * @property {number} round
 * @property {Record<string, number | null>} values by figure; null: it was tried and failed
 * @property {Record<string, number>} counts
 * @property {readonly string[]} problems
 * @property {number} othersLoad share of all cores that others used just before, 0–1
 */

/**
 * Whether a measure is one of this peer.
 * @param {Measure} measure
 * @param {Peer} peer
 */
export const isMeasured = (measure, peer) =>
  measure.kind === 'tunnel' ||
  (measure.kind === 'peer' && measure.suits(peer)) ||
  (measure.kind === 'ours' && peer === masqueVpn);

/** Goes round the peers, so that whatever else this machine does hits all of them alike. */
export class Rounds {
  /**
   * @param {import('./options.mjs').Options} options
   * @param {readonly Peer[]} peers
   * @param {string} directory
   * @param {{ samples: readonly Sample[], onSamples: (samples: readonly Sample[]) => void }} before what an interrupted run has that is
   * continued; who is told what there is whenever that is more
   */
  constructor(options, peers, directory, { samples, onSamples }) {
    this.options = options;
    this.peers = peers;
    this.directory = directory;
    this.endsAt = performance.now() + options.withinMs;
    /** @type {Sample[]} */
    this.samples = [...samples];
    this.onSamples = onSamples;
  }

  async run() {
    for (let round = 1; round <= this.options.rounds; round++) {
      for (const peer of this.peers) {
        await this.#tunnelMeasures(peer, round);
        // When a quick run's time is over, it is the last peers that are missing, not a figure of ours.
        if (this.options.quick) await this.#otherMeasures(peer, round);
      }
      if (this.options.quick) continue;
      for (const peer of this.peers) await this.#otherMeasures(peer, round);
    }
    return this.samples;
  }

  #late = () => performance.now() > this.endsAt;

  /** @param {Peer} peer @param {number} round */
  async #tunnelMeasures(peer, round) {
    const measures = this.#open(peer, round).filter(({ kind }) => kind === 'tunnel');
    if (measures.length === 0 || this.#late()) return;
    const sample = await this.#begin(peer, round);
    const directory = join(this.directory, peer.name);
    try {
      const tunnel = await openTunnel(peer, directory);
      try {
        for (const measure of measures) {
          if (measure.kind === 'tunnel')
            await this.#take(sample, measure, (context) => measure.run(tunnel, context));
        }
      } finally {
        await tunnel.down();
      }
    } catch (error) {
      problem(sample, 'tunnel', error);
    }
    this.onSamples(this.samples);
  }

  /** @param {Peer} peer @param {number} round */
  async #otherMeasures(peer, round) {
    const measures = this.#open(peer, round).filter(
      (measure) => measure.kind !== 'tunnel' && isMeasured(measure, peer),
    );
    if (measures.length === 0 || this.#late()) return;
    const sample = await this.#begin(peer, round);
    for (const measure of measures) {
      if (measure.kind === 'peer') await this.#take(sample, measure, (context) => measure.run(peer, context));
      if (measure.kind === 'ours') await this.#take(sample, measure, (context) => measure.run(context));
    }
    this.onSamples(this.samples);
  }

  /** Measures of which not every figure is known. @param {Peer} peer @param {number} round */
  #open = (peer, round) =>
    this.options.measures.filter(({ figures, others }) => {
      const names = [...Object.keys(figures), ...(others?.(this.options.effort) ?? [])];
      return !names.every((figure) => this.#known(peer.name, round, figure));
    });

  /** @param {string} name @param {number} round @param {string} figure */
  #known = (name, round, figure) =>
    this.samples.some(
      (sample) => sample.peer === name && sample.round === round && (sample.values[figure] ?? null) !== null,
    );

  /**
   * @param {Sample} sample
   * @param {Measure} measure
   * @param {(context: import('./measures/measure.mjs').Context) => Promise<Record<string, number | null>>} run
   */
  async #take(sample, measure, run) {
    if (this.#late()) return;
    const begun = performance.now();
    /** @type {Record<string, number | null>} */
    let values = {};
    try {
      values = await run({
        effort: this.options.effort,
        round: sample.round,
        directory: join(
          this.directory,
          measure.kind === 'tunnel' ? sample.peer : `${sample.peer}-${measure.kind}`,
        ),
        count: (what, number) => (sample.counts[what] = (sample.counts[what] ?? 0) + number),
        keep: (some) => {
          Object.assign(sample.values, some);
          console.error(`round ${sample.round}, ${sample.peer}: ${JSON.stringify(rounded(some))}`);
          this.onSamples(this.samples);
        },
        known: (figure) => this.#known(sample.peer, sample.round, figure),
        failed: (figures, error) => {
          for (const figure of figures) sample.values[figure] = null;
          problem(sample, figures.join(', '), error);
        },
        late: this.#late,
      });
      Object.assign(sample.values, values);
    } catch (error) {
      for (const figure of Object.keys(measure.figures)) sample.values[figure] ??= null;
      problem(sample, measure.name, error);
    }
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.error(
      `round ${sample.round}, ${sample.peer}, ${measure.name} (${seconds} s): ${JSON.stringify(rounded(values))}`,
    );
  }

  /** @param {Peer} peer @param {number} round @returns {Promise<Sample>} */
  async #begin(peer, round) {
    const load = new MachineLoad();
    await after(quietMs);
    /** @type {Sample} */
    const sample = {
      peer: peer.name,
      round,
      values: {},
      counts: {},
      problems: [],
      othersLoad: load.share(),
    };
    this.samples.push(sample);
    return sample;
  }
}

/** @param {Sample} sample @param {string} what @param {unknown} error */
function problem(sample, what, error) {
  const text = `${what}: ${error instanceof Error ? error.message : String(error)}`;
  sample.problems = [...sample.problems, text.slice(0, 600)];
  console.error(`round ${sample.round}, ${sample.peer}: ${text}`);
}

/** @param {Record<string, number | null>} values */
const rounded = (values) =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      value === null ? null : Number(value.toPrecision(4)),
    ]),
  );
