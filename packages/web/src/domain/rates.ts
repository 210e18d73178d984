/** What a counter said at a moment. */
export interface Reading {
  readonly atMs: number;
  readonly value: number;
}

/** Rates per second between readings, one for each but the first; a counter that went back began anew. */
export function ratesOf(readings: readonly Reading[]): readonly Reading[] {
  return readings.slice(1).flatMap((reading, index) => {
    const before = readings[index];
    if (before === undefined || reading.atMs <= before.atMs) return [];
    const moved = reading.value - before.value;
    return [{ atMs: reading.atMs, value: (Math.max(0, moved) * 1_000) / (reading.atMs - before.atMs) }];
  });
}
