import type { ThroughputRange } from '../throughput/ranges.js';
import type { Throughput } from '../throughput/throughput.js';
import type { ThroughputModel } from './models/throughput.js';

/** The series of a range as columns. */
export function throughputModel(
  throughput: Pick<Throughput, 'series'>,
  range: ThroughputRange,
): ThroughputModel {
  const { steps, resolutionMs, fromMs, keptSinceMs } = throughput.series(range);
  const perSecond = (bytes: number): number => Math.round((bytes * 1_000) / resolutionMs);
  return {
    range,
    resolutionMs,
    fromMs,
    keptSinceMs,
    bytesSentPerSecond: steps.map(({ bytesSent }) => perSecond(bytesSent)),
    bytesReceivedPerSecond: steps.map(({ bytesReceived }) => perSecond(bytesReceived)),
    openSessions: steps.map(({ openSessions }) => openSessions),
    refusals: steps.map(({ refusals }) => refusals),
  };
}
