import { setTimeout as after } from 'node:timers/promises';
import { jain } from '../report/statistics.mjs';
import { CrowdSite } from './crowdSite.mjs';
import { besideSlowLink } from './slowLink.mjs';

const many = 50;
const busy = 10;
/** How much longer than other loads: so many flows need their time to come to terms. */
const patience = 3;
/** Until the stalled client's windows are full. */
const stallMs = 2_000;
const stalledPort = 5291;
/** Of the slow client's link. */
const slowMbitPerSecond = 5;

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

/**
 * Ten clients with a flow down each, and an eleventh that downloads as well, over a link that takes little.
 * @type {import('./measure.mjs').Measure}
 */
export const slowClient = {
  name: 'slowClient',
  quick: false,
  kind: 'ours',
  figures: {
    slowClient: {
      title: `10 busy clients beside one of ${slowMbitPerSecond} Mbit/s ÷ without it`,
      unit: 'ratio',
      better: 'higher',
    },
    slowClientOwn: {
      title: `the one of ${slowMbitPerSecond} Mbit/s beside 10 busy ones ÷ its link`,
      unit: 'ratio',
      better: 'higher',
    },
  },
  run: ({ effort, directory }) =>
    CrowdSite.beside(directory, busy + 1, (site) =>
      besideSlowLink(slowMbitPerSecond, async (server) => {
        const { members } = await site.bring(0, busy);
        const { members: slow } = await site.bring(busy, 1, server);
        const all = async () => sum(await site.flows(members, 'down', effort.seconds));
        // Before and after: the machine changes meanwhile.
        const before = await all();
        const own = site.flows(slow, 'down', patience * effort.seconds, stalledPort);
        const [beside, rate] = await Promise.all([after(stallMs).then(all), own.then(sum)]);
        const without = (before + (await all())) / 2;
        return { slowClient: beside / without, slowClientOwn: rate / slowMbitPerSecond };
      }),
    ),
};

/** @param {readonly number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0);
