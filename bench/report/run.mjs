import { counted, mediansOf, ratios, spreads } from './results.mjs';
import { median } from './statistics.mjs';
import { judge } from './targets.mjs';
import { describeMachine, loadOfLastMinute } from './machine.mjs';

/**
 * Everything one run found.
 * @typedef {object} Report
 * @property {string} takenAt when it began
 * @property {number} minutes
 * @property {ReturnType<typeof describeMachine>} machine
 * @property {{ othersShare: number, loadOfLastMinute: number }} noise `othersShare`: share of all cores that others used while nothing of ours
 * ran, the median of all such moments
 * @property {import('../measures/measure.mjs').Effort & { rounds: number }} effort
 * @property {Record<string, string>} missing peers that could not be measured, and why
 * @property {Record<string, Record<string, number>>} medians by figure, then by peer
 * @property {Record<string, Record<string, number>>} ratios ours ÷ peer's
 * @property {import('./results.mjs').Spreads} spreads
 * @property {Record<string, Record<string, number>>} counts
 * @property {import('./targets.mjs').Judged[]} targets
 * @property {readonly { peer: string, round: number, problem: string }[]} problems
 * @property {readonly import('../rounds.mjs').Sample[]} samples
 */

/**
 * @param {object} run
 * @param {import('../options.mjs').Options} run.options
 * @param {Record<string, string>} run.missing
 * @param {readonly import('../rounds.mjs').Sample[]} run.samples
 * @param {Date} run.begun
 * @param {Report | null} run.continued what was measured before, whose samples are among these
 * @returns {Report}
 */
export function report({ options, missing, samples, begun, continued }) {
  const figures = spreads(samples);
  const medians = mediansOf(figures);
  return {
    takenAt: continued?.takenAt ?? begun.toISOString(),
    minutes: Math.round((Date.now() - begun.getTime()) / 6_000 + 10 * (continued?.minutes ?? 0)) / 10,
    machine: describeMachine(),
    noise: {
      othersShare: median(samples.map(({ othersLoad }) => othersLoad)) ?? 0,
      loadOfLastMinute: loadOfLastMinute(),
    },
    effort: { ...options.effort, rounds: options.rounds },
    missing,
    medians,
    ratios: ratios(figures),
    spreads: figures,
    counts: counted(samples),
    targets: judge(medians),
    problems: samples.flatMap(({ peer, round, problems }) =>
      problems.map((problem) => ({ peer, round, problem })),
    ),
    samples,
  };
}
