import { mkdirSync } from 'node:fs';
import { CrowdedPair } from '../access/crowded.mjs';
import { median } from '../report/statistics.mjs';

const sessions = 10_000;
/** Pairs of flows in each direction: one after the other, as the machine changes meanwhile. */
const pairs = 3;

/** @param {string} title @returns {import('./measure.mjs').Figure} */
const figure = (title) => ({ title, unit: 'ratio', better: 'higher' });

/**
 * What 1,000 rules on a session and 10,000 sessions in the table cost: two tunnels beside each other, with and without, in turn.
 * @type {import('./measure.mjs').Measure}
 */
export const accessRules = {
  name: 'accessRules',
  quick: false,
  kind: 'ours',
  figures: {
    accessRulesUp: figure('TCP up with 1,000 rules and 10,000 sessions ÷ without'),
    accessRulesDown: figure('TCP down with 1,000 rules and 10,000 sessions ÷ without'),
    accessRulesCpuUp: figure('server’s CPU time per GB up without them ÷ with'),
    accessRulesCpuDown: figure('server’s CPU time per GB down without them ÷ with'),
  },
  run: async ({ effort, directory }) => {
    mkdirSync(directory, { recursive: true });
    const pair = await CrowdedPair.open(directory, sessions);
    try {
      const up = await ratios(pair, 'tcpUp', effort.seconds);
      const down = await ratios(pair, 'tcpDown', effort.seconds);
      return {
        accessRulesUp: up.speed,
        accessRulesDown: down.speed,
        accessRulesCpuUp: up.cpu,
        accessRulesCpuDown: down.cpu,
      };
    } finally {
      await pair.close();
    }
  },
};

/** @param {CrowdedPair} pair @param {'tcpUp' | 'tcpDown'} load @param {number} seconds */
async function ratios(pair, load, seconds) {
  /** @type {number[]} */
  const speed = [];
  /** @type {number[]} */
  const cpu = [];
  for (let index = 0; index < pairs; index++) {
    const { plain, crowded } = await pair.flows(load, seconds);
    speed.push(crowded.mbitPerSecond / plain.mbitPerSecond);
    cpu.push(plain.cpuSecondsPerGb / crowded.cpuSecondsPerGb);
  }
  return { speed: median(speed), cpu: median(cpu) };
}
