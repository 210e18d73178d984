/** Observations in seconds by bin; the last one has no upper bound. */
export interface Histogram {
  readonly bounds: readonly number[];
  readonly bins: readonly number[];
  readonly sum: number;
}

/** Mean, milliseconds; null of nothing. */
export function meanOf({ bins, sum }: Histogram): number | null {
  const count = bins.reduce((total, bin) => total + bin, 0);
  return count > 0 ? Math.max(0, (sum / count) * 1_000) : null;
}

/** A quantile, milliseconds, as exact as the bins are; null of nothing. In the last bin it is that bin's begin. */
export function quantileOf({ bounds, bins }: Histogram, quantile: number): number | null {
  const count = bins.reduce((total, bin) => total + bin, 0);
  if (count <= 0) return null;
  const wanted = quantile * count;
  let below = 0;
  for (const [index, bin] of bins.entries()) {
    if (bin > 0 && below + bin >= wanted) {
      const low = bounds[index - 1] ?? 0;
      const high = bounds[index] ?? low;
      return (low + (high - low) * ((wanted - below) / bin)) * 1_000;
    }
    below += bin;
  }
  return (bounds.at(-1) ?? 0) * 1_000;
}
