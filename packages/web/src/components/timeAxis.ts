/** How moments are written below a chart: the shorter it spans, the finer. `spanMs` is from its first to its last. */
export function timeLabels(language: string, spanMs: number): (atMs: number) => string {
  const format = new Intl.DateTimeFormat(language, styleOf(spanMs));
  return (atMs) => format.format(atMs);
}

function styleOf(spanMs: number): Intl.DateTimeFormatOptions {
  if (spanMs <= 10 * 60_000) return { timeStyle: 'medium' };
  if (spanMs <= 36 * 3_600_000) return { timeStyle: 'short' };
  return { month: 'short', day: 'numeric' };
}

/** The latest and the highest that is known of a series; null: nothing is known. */
export interface SeriesSummary {
  readonly latest: number | null;
  readonly highest: number | null;
}

export function summarize(values: readonly (number | null)[]): SeriesSummary {
  const known = values.filter((value) => value !== null);
  return {
    latest: known.at(-1) ?? null,
    highest: known.length === 0 ? null : known.reduce((most, value) => Math.max(most, value)),
  };
}
