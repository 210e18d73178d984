/** @typedef {{ peer: string, round: number, figures: Readonly<Record<string, number | null>> }} Round */

/**
 * The median of what is there; null when nothing is.
 * @param {readonly (number | null)[]} values
 */
export function median(values) {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) return null;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

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
