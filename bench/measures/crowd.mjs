import { setTimeout as after } from 'node:timers/promises';
import { jain } from '../report/statistics.mjs';
import { CrowdSite } from './crowdSite.mjs';

const many = 50;
const busy = 10;
/** Until the stalled client's windows are full. */
const stallMs = 2_000;

/**
 * Fifty clients at once, each with one flow up.
 * @type {import('./measure.mjs').Measure}
 */
export const manyClients = {
  name: 'manyClients',
  quick: false,
  kind: 'ours',
  figures: {
    manyClientsSum: { title: '50 clients at once: sum ÷ one client', unit: 'ratio', better: 'higher' },
    manyClientsFairness: {
      title: '50 clients at once: fairness (Jain)',
      unit: 'ratio',
      better: 'higher',
    },
  },
  run: ({ effort, directory }) =>
    CrowdSite.beside(directory, many, async (site) => {
      const { members } = await site.bring(0, many);
      const alone = () => site.flows(members.slice(0, 1), effort.seconds);
      // Before and after: the machine changes meanwhile.
      const before = await alone();
      const together = await site.flows(members, 2 * effort.seconds);
      const one = (sum(before) + sum(await alone())) / 2;
      return { manyClientsSum: sum(together) / one, manyClientsFairness: jain(together) };
    }),
};

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
      const all = async () => sum(await site.flows(members, effort.seconds, ['-R']));
      // Before and after: the machine changes meanwhile.
      const before = await all();
      const hanging = site.flows(stalled, 60, ['-R']).catch(() => []);
      await after(stallMs);
      // Only this process, which is ours; it dies with us (pdeathsig) whether it is stopped or not.
      process.kill(stalling.pid, 'SIGSTOP');
      const beside = await after(stallMs)
        .then(all)
        .finally(() => process.kill(stalling.pid, 'SIGKILL'));
      const without = (before + (await all())) / 2;
      await Promise.race([hanging, after(20_000)]);
      return { stalledClient: beside / without };
    }),
};

/** @param {readonly number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0);
