import { tcpChecksumErrors } from '../load/counters.mjs';
import { iperf } from '../load/iperf.mjs';

/** iperf3's arguments of each load; up is from client to server. */
export const tcpLoads = {
  tcpUp: ['-P', '1'],
  tcpDown: ['-P', '1', '-R'],
  tcp4Up: ['-P', '4'],
  tcp4Down: ['-P', '4', '-R'],
};

/** What the CPU time is measured with. */
const cpuFigures = { tcpUp: 'cpuPerGb', tcpDown: 'cpuPerGbDown' };

/**
 * TCP goodput; with one flow also the CPU time that both ends need for it.
 * @param {keyof typeof tcpLoads} name
 * @param {string} title
 * @returns {import('./measure.mjs').Measure}
 */
function tcp(name, title) {
  const cpuFigure = name in cpuFigures ? cpuFigures[/** @type {keyof typeof cpuFigures} */ (name)] : null;
  return {
    name,
    quick: true,
    kind: 'tunnel',
    figures: {
      [name]: { title, unit: 'Mbit/s', better: 'higher' },
      ...(cpuFigure !== null && {
        [cpuFigure]: { title: `CPU time, both ends, ${title}`, unit: 's/GB', better: 'lower' },
      }),
    },
    run: async (tunnel, { effort, count }) => {
      const before = await tcpChecksumErrors();
      const flow = await iperf(tunnel, { args: tcpLoads[name], seconds: effort.seconds });
      count('tcpChecksumErrors', (await tcpChecksumErrors()) - before);
      return {
        [name]: flow.mbitPerSecond,
        ...(cpuFigure !== null && { [cpuFigure]: flow.cpuSecondsPerGb }),
      };
    },
  };
}

export const tcpMeasures = [
  tcp('tcpUp', 'TCP, 1 flow, up'),
  tcp('tcpDown', 'TCP, 1 flow, down'),
  tcp('tcp4Up', 'TCP, 4 flows, up'),
  tcp('tcp4Down', 'TCP, 4 flows, down'),
];
