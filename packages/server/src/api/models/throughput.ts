import { z } from 'zod';
import { throughputRanges } from '../../throughput/ranges.js';
import { TimestampMs } from './identifiers.js';

/** Query of `GET /api/v1/throughput`. */
export const ThroughputQuery = z.strictObject({ range: z.enum(throughputRanges).default('15m') });
export type ThroughputQuery = z.output<typeof ThroughputQuery>;

/**
 * Answer of `GET /api/v1/throughput`: columns of the same length, a step of `resolutionMs` each, the oldest first. It
 * is kept in memory only.
 */
export const ThroughputModel = z.object({
  range: z.enum(throughputRanges),
  resolutionMs: z.int().positive(),
  /** Begin of the first step; the others follow without gaps. */
  fromMs: TimestampMs,
  /** Since when this server has kept it: before that nothing is known. */
  keptSinceMs: TimestampMs,
  /** To clients, and from them: averages of each step. */
  bytesSentPerSecond: z.array(z.number().nonnegative()),
  bytesReceivedPerSecond: z.array(z.number().nonnegative()),
  /** The most at a time within each step. */
  openSessions: z.array(z.int().nonnegative()),
  /** Requests that got no tunnel, within each step. */
  refusals: z.array(z.int().nonnegative()),
});
export type ThroughputModel = z.infer<typeof ThroughputModel>;
