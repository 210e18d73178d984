import { mkdirSync } from 'node:fs';
import { AccessTunnel } from '../access/tunnel.mjs';
import { tcpLoads } from './tcp.mjs';

/**
 * What a session's 1,000 rules cost: one tunnel, judged and not, in turn.
 * @type {import('./measure.mjs').Measure}
 */
export const accessRules = {
  name: 'accessRules',
  quick: false,
  kind: 'ours',
  figures: {
    accessRulesUp: { title: 'TCP up with 1,000 rules ÷ without', unit: 'ratio', better: 'higher' },
    accessRulesDown: { title: 'TCP down with 1,000 rules ÷ without', unit: 'ratio', better: 'higher' },
  },
  run: async ({ effort, directory }) => {
    mkdirSync(directory, { recursive: true });
    const tunnel = await AccessTunnel.open(directory);
    const sums = { up: [0, 0], down: [0, 0] };
    try {
      // In turn, twice: the machine changes meanwhile.
      for (const state of [0, 1, 0, 1]) {
        const up = await tunnel.flow(tcpLoads.tcpUp, effort.seconds);
        const down = await tunnel.flow(tcpLoads.tcpDown, effort.seconds);
        sums.up[state] = (sums.up[state] ?? 0) + up.mbitPerSecond;
        sums.down[state] = (sums.down[state] ?? 0) + down.mbitPerSecond;
        await tunnel.turn();
      }
      const ratio = (/** @type {number[]} */ [free = 0, judged = 0]) => judged / free;
      return { accessRulesUp: ratio(sums.up), accessRulesDown: ratio(sums.down) };
    } finally {
      await tunnel.close();
    }
  },
};
