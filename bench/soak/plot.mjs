import { lineChart } from '../report/lineChart.mjs';

/** @param {Pick<import('./soak.mjs').Found, 'samples' | 'pieces' | 'collected'>} found @returns {string} SVG */
export function plot({ samples, pieces, collected }) {
  /** @param {string} label @param {(sample: import('./soak.mjs').Sample) => number} value */
  const line = (label, value) => ({
    label,
    points: samples.map((sample) => ({ seconds: sample.seconds, value: value(sample) })),
  });
  return lineChart('Soak: full load while clients come and go', [
    {
      title: 'resident memory, MB',
      lines: [
        line('server', ({ server }) => server.residentBytes / 1e6),
        { label: 'server, garbage collected', points: collected },
        line('client that stays', ({ client }) => client.residentBytes / 1e6),
        line('visitors', ({ visitors }) => visitors.residentBytes / 1e6),
      ],
    },
    {
      title: 'TCP of the client that stays, Mbit/s',
      lines: [
        { label: 'up', points: pieces.map(({ seconds, upMbit }) => ({ seconds, value: upMbit })) },
        { label: 'down', points: pieces.map(({ seconds, downMbit }) => ({ seconds, value: downMbit })) },
      ],
    },
    { title: 'open sessions', lines: [line('sessions', ({ sessions }) => sessions)] },
  ]);
}

/**
 * So many of them at most, evenly.
 * @template T
 * @param {readonly T[]} samples
 * @param {number} most
 */
export function thinned(samples, most) {
  const every = Math.ceil(samples.length / most);
  return samples.filter((_, index) => index % every === 0);
}
