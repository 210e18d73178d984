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

/** Goes round the peers, so that whatever else this machine does hits all of them alike. */
export class Rounds {
  /**
   * @param {import('./options.mjs').Options} options
   * @param {readonly Peer[]} peers
   * @param {string} directory
   */
  constructor(options, peers, directory) {
    this.options = options;
    this.peers = peers;
    this.directory = directory;
    this.endsAt = performance.now() + options.withinMs;
    /** @type {Sample[]} */
    this.samples = [];
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
    const measures = this.options.measures.filter(({ kind }) => kind === 'tunnel');
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
    this.#end(sample);
  }

  /** @param {Peer} peer @param {number} round */
  async #otherMeasures(peer, round) {
    const measures = this.options.measures.filter(
      (measure) =>
        (measure.kind === 'peer' && measure.suits(peer)) || (measure.kind === 'ours' && peer === masqueVpn),
    );
    if (measures.length === 0 || this.#late()) return;
    const sample = await this.#begin(peer, round);
    for (const measure of measures) {
      if (measure.kind === 'peer') await this.#take(sample, measure, (context) => measure.run(peer, context));
      if (measure.kind === 'ours') await this.#take(sample, measure, (context) => measure.run(context));
    }
    this.#end(sample);
  }

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
        directory: join(
          this.directory,
          measure.kind === 'tunnel' ? sample.peer : `${sample.peer}-${measure.kind}`,
        ),
        count: (what, number) => (sample.counts[what] = (sample.counts[what] ?? 0) + number),
        late: this.#late,
      });
      Object.assign(sample.values, values);
    } catch (error) {
      for (const figure of Object.keys(measure.figures)) sample.values[figure] = null;
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
    return {
      peer: peer.name,
      round,
      values: {},
      counts: {},
      problems: [],
      othersLoad: load.share(),
    };
  }

  /** @param {Sample} sample */
  #end(sample) {
    this.samples.push(sample);
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
