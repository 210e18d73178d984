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
    const both = async () => ({
      up: (await tunnel.flow(tcpLoads.tcpUp, effort.seconds)).mbitPerSecond,
      down: (await tunnel.flow(tcpLoads.tcpDown, effort.seconds)).mbitPerSecond,
    });
    try {
      const free = await both();
      await tunnel.turn();
      const judged = await both();
      return { accessRulesUp: judged.up / free.up, accessRulesDown: judged.down / free.down };
    } finally {
      await tunnel.close();
    }
  },
};
