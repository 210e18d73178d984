import type { DailyUsage, UsageAmount } from '../store/usage.js';

/** Counters of one session, since it began; `in` comes from the client. */
export interface SessionCounters {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
}

/** Whose session it is. */
export interface UsageOwner {
  readonly clientUuid: string;
  readonly clientSlug: string;
}

const nothing: SessionCounters = { bytesIn: 0, bytesOut: 0, packetsIn: 0, packetsOut: 0 };

/** `YYYY-MM-DD` of an instant, UTC. */
export function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

/** `YYYY-MM` of an instant, UTC. */
export function monthOf(timeMs: number): string {
  return dayOf(timeMs).slice(0, 7);
}

/**
 * Turns counters of sessions, which only grow, into amounts per client and day: each byte once, on the day on which
 * it was first seen.
 */
export class UsageAccount {
  readonly #counted = new Map<string, SessionCounters>();
  #pending = new Map<string, DailyUsage>();

  /** A session's counters as they are now; returns how many bytes are new. */
  count(sessionUuid: string, owner: UsageOwner, counters: SessionCounters, day: string): number {
    const before = this.#counted.get(sessionUuid);
    const { bytesIn, bytesOut, packetsIn, packetsOut } = before ?? nothing;
    const fresh: UsageAmount = {
      bytesIn: counters.bytesIn - bytesIn,
      bytesOut: counters.bytesOut - bytesOut,
      packetsIn: counters.packetsIn - packetsIn,
      packetsOut: counters.packetsOut - packetsOut,
      sessions: before === undefined ? 1 : 0,
    };
    this.#counted.set(sessionUuid, counters);
    if (Object.values(fresh).some((value) => value > 0)) this.#add(owner, day, fresh);
    return fresh.bytesIn + fresh.bytesOut;
  }

  /** The session is over and was counted for the last time. */
  settle(sessionUuid: string): void {
    this.#counted.delete(sessionUuid);
  }

  /** What was counted since the last call. */
  take(): readonly DailyUsage[] {
    const taken = [...this.#pending.values()];
    this.#pending = new Map();
    return taken;
  }

  #add({ clientUuid, clientSlug }: UsageOwner, day: string, fresh: UsageAmount): void {
    const key = `${clientUuid} ${day}`;
    const sum = this.#pending.get(key);
    this.#pending.set(key, {
      clientUuid,
      clientSlug,
      day,
      bytesIn: (sum?.bytesIn ?? 0) + fresh.bytesIn,
      bytesOut: (sum?.bytesOut ?? 0) + fresh.bytesOut,
      packetsIn: (sum?.packetsIn ?? 0) + fresh.packetsIn,
      packetsOut: (sum?.packetsOut ?? 0) + fresh.packetsOut,
      sessions: (sum?.sessions ?? 0) + fresh.sessions,
    });
  }
}
