import { setTimeout as after } from 'node:timers/promises';
import { jain } from '../report/statistics.mjs';
import { CrowdSite } from './crowdSite.mjs';

const many = 50;
const busy = 10;
/** How much longer than other loads: so many flows need their time to come to terms. */
const patience = 3;
/** Until the stalled client's windows are full. */
const stallMs = 2_000;
const stalledPort = 5291;

/**
 * Fifty clients at once, each with one flow, up and then down.
 * @type {import('./measure.mjs').Measure}
 */
export const manyClients = {
  name: 'manyClients',
  quick: false,
  kind: 'ours',
  figures: {
    manyClientsSum: { title: '50 clients at once, up: sum ÷ one client', unit: 'ratio', better: 'higher' },
    manyClientsFairness: {
      title: '50 clients at once, up: fairness (Jain)',
      unit: 'ratio',
      better: 'higher',
    },
    manyClientsDownSum: {
      title: '50 clients at once, down: sum ÷ one client',
      unit: 'ratio',
      better: 'higher',
    },
    manyClientsDownFairness: {
      title: '50 clients at once, down: fairness (Jain)',
      unit: 'ratio',
      better: 'higher',
    },
  },
  run: ({ effort, directory }) =>
    CrowdSite.beside(directory, many, async (site) => {
      const { members } = await site.bring(0, many);
      const up = await manyBesideOne(site, members, 'up', effort.seconds);
      const down = await manyBesideOne(site, members, 'down', effort.seconds);
      return {
        manyClientsSum: up.sum,
        manyClientsFairness: up.fairness,
        manyClientsDownSum: down.sum,
        manyClientsDownFairness: down.fairness,
      };
    }),
};

/**
 * @param {CrowdSite} site
 * @param {readonly import('./crowdSite.mjs').Member[]} members
 * @param {'up' | 'down'} direction
 * @param {number} seconds
 */
async function manyBesideOne(site, members, direction, seconds) {
  const alone = async () => sum(await site.flows(members.slice(0, 1), direction, seconds));
  // Before and after: the machine changes meanwhile.
  const before = await alone();
  const together = await site.flows(members, direction, patience * seconds);
  const one = (before + (await alone())) / 2;
  return { sum: sum(together) / one, fairness: jain(together) };
}

/**
 * Ten clients with a flow down each, and an eleventh whose process stops while it downloads.
 * @type {import('./measure.mjs').Measure}
 */
export const stalledClient = {
  name: 'stalledClient',
  quick: false,
  kind: 'ours',
  figures: {
    stalledClient: {
      title: '10 busy clients beside a stalled one ÷ without it',
      unit: 'ratio',
      better: 'higher',
    },
  },
  run: ({ effort, directory }) =>
    CrowdSite.beside(directory, busy + 1, async (site) => {
      const { members } = await site.bring(0, busy);
      const { members: stalled, process: stalling } = await site.bring(busy, 1);
      const all = async () => sum(await site.flows(members, 'down', effort.seconds));
      // Before and after: the machine changes meanwhile.
      const before = await all();
      const hanging = site.flows(stalled, 'down', 3 * effort.seconds, stalledPort).catch(() => []);
      await after(stallMs);
      // Only this process, which is ours; it dies with us (pdeathsig) whether it is stopped or not.
      process.kill(stalling.pid, 'SIGSTOP');
      const beside = await after(stallMs)
        .then(all)
        .finally(() => process.kill(stalling.pid, 'SIGKILL'));
      const without = (before + (await all())) / 2;
      await hanging;
      return { stalledClient: beside / without };
    }),
};

/** @param {readonly number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0);
