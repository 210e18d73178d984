import { iperf } from '../load/iperf.mjs';

/** 3 Gbit/s of 1200 bytes, and as many packets a second of 64 bytes, for which a quick run has no time. */
const large = { bytes: 1_200, offered: '3G', quick: true };
const small = { bytes: 64, offered: '160M', quick: false };

/**
 * What arrives of more datagrams than any tunnel carries.
 * @param {string} name
 * @param {import('./measure.mjs').Figure} figure
 * @param {typeof large} load
 * @param {readonly string[]} direction
 * @returns {import('./measure.mjs').Measure}
 */
const udp = (name, figure, { bytes, offered, quick }, direction) => ({
  name,
  quick,
  kind: 'tunnel',
  figures: { [name]: figure },
  run: async (tunnel, { effort, count }) => {
    const args = ['-u', '-b', offered, '-l', String(bytes), ...direction];
    const { mbitPerSecond, reordered } = await iperf(tunnel, { args, seconds: effort.seconds });
    count('reorderedDatagrams', reordered);
    return { [name]: figure.unit === 'packets/s' ? (mbitPerSecond * 1e6) / 8 / bytes : mbitPerSecond };
  },
});

/** @param {string} title @returns {import('./measure.mjs').Figure} */
const goodput = (title) => ({ title, unit: 'Mbit/s', better: 'higher' });
/** @param {string} title @returns {import('./measure.mjs').Figure} */
const packets = (title) => ({ title, unit: 'packets/s', better: 'higher' });

export const udpMeasures = [
  udp('udpUp', goodput('UDP 1200 B, 3 Gbit/s offered, up'), large, []),
  udp('udpDown', goodput('UDP 1200 B, 3 Gbit/s offered, down'), large, ['-R']),
  udp('smallUp', packets('UDP 64 B, 312,000 packets/s offered, up'), small, []),
  udp('smallDown', packets('UDP 64 B, 312,000 packets/s offered, down'), small, ['-R']),
];
