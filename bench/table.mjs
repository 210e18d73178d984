import { median } from './report/statistics.mjs';

/** @typedef {{ peer: string, round: number, figures: Readonly<Record<string, number | null>> }} Round */

/**
 * Medians over the rounds, by peer and figure.
 * @param {readonly Round[]} rounds
 */
export function medians(rounds) {
  const peers = [...new Set(rounds.map(({ peer }) => peer))];
  return Object.fromEntries(
    peers.map((peer) => {
      const own = rounds.filter((round) => round.peer === peer);
      const names = Object.keys(own[0]?.figures ?? {});
      return [
        peer,
        Object.fromEntries(
          names.map((name) => [name, median(own.map(({ figures }) => figures[name] ?? null))]),
        ),
      ];
    }),
  );
}

/**
 * @param {ReturnType<typeof medians>} byPeer
 * @returns {string}
 */
export function table(byPeer) {
  const names = Object.keys(Object.values(byPeer)[0] ?? {});
  const rows = Object.entries(byPeer).map(([peer, figures]) => [
    peer,
    ...names.map((name) => show(figures[name] ?? null)),
  ]);
  return [['', ...names], ...rows].map((row) => row.map((cell) => cell.padStart(14)).join('')).join('\n');
}

/** @param {number | null} value */
const show = (value) => (value === null ? '–' : value >= 100 ? value.toFixed(0) : value.toFixed(2));
