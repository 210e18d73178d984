/** Rates of inner traffic, bytes per second. Up: from the client; down: to it. */
export interface Rates {
  readonly up: number;
  readonly down: number;
}

/** What was measured of one session within about a second. */
export interface MeasuredSession {
  readonly rates: Rates;
  /** Packets within the time. */
  readonly packets: Rates;
  /** Packets that were dropped within the time. */
  readonly drops: Rates;
  readonly rttMs: number | null;
  /** Share of all packets so far, 0–1. */
  readonly lossRatio: number | null;
  /** Bytes. */
  readonly pathMtu: number | null;
  readonly tunnelMtu: number | null;
}

/** A rate that holds for the client, and how much of it is used by those that share it. */
export interface RateLimit {
  readonly direction: 'up' | 'down';
  /** Group (slug) whose members share it; null: it is the client's. */
  readonly group: string | null;
  readonly bytesPerSecond: number;
  readonly usedBytesPerSecond: number;
}

/** What decides how fast a client is. */
export interface SpeedFacts {
  readonly sessions: readonly MeasuredSession[];
  readonly limits: readonly RateLimit[];
  readonly quota: { readonly usedBytes: number; readonly limitBytes: number } | null;
  /** Share of the last minute in which the threads that move packets worked, 0–1. */
  readonly workersBusy: number | null;
  readonly eventLoopP99Ms: number | null;
}
