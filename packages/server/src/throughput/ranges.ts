const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

export const throughputRanges = ['15m', '1h', '6h', '24h'] as const;
/** How far back one looks. */
export type ThroughputRange = (typeof throughputRanges)[number];

/** Length and step of each range, milliseconds. */
export const rangeOf: Readonly<
  Record<ThroughputRange, { readonly lengthMs: number; readonly resolutionMs: number }>
> = {
  '15m': { lengthMs: 15 * minute, resolutionMs: second },
  '1h': { lengthMs: hour, resolutionMs: minute },
  '6h': { lengthMs: 6 * hour, resolutionMs: minute },
  '24h': { lengthMs: 24 * hour, resolutionMs: minute },
};
