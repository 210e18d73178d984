/** One session, live (`endedAt` null) or ended. */
export interface SessionRecord {
  /** UUIDv7, the same in logs and API. */
  readonly uuid: string;
  /** Null once the client was deleted. */
  readonly clientUuid: string | null;
  /** Stays readable after the client was deleted. */
  readonly clientSlug: string;
  readonly instance: string;
  readonly remoteAddress: string;
  /** Assigned addresses, canonical text. */
  readonly addresses: readonly string[];
  /** UTC milliseconds. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** Why it ended: a `SessionCloseCause` of the engine or a reason of our own; null while live. */
  readonly cause: string | null;
  /** HTTP/3 error code, if one was involved. */
  readonly code: number | null;
  /** Inner packets from the client (`in`) and to it (`out`). */
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
}

export interface SessionHistory {
  /** Records that a session opened. */
  open(session: SessionOpening): Promise<void>;
  /** Records how it ended; one that was never opened, or was closed already, is ignored. */
  close(uuid: string, ending: SessionEnding): Promise<void>;
  /** At start: sessions a crash left open are closed with `cause`; returns how many there were. */
  closeAbandoned(now: number, cause: string): Promise<number>;
  /** Newest first. `before` is the uuid of the last of the page before. */
  list(query?: {
    readonly clientUuid?: string;
    readonly before?: string;
    readonly limit?: number;
  }): Promise<readonly SessionRecord[]>;
  find(uuid: string): Promise<SessionRecord | null>;
  /** Deletes sessions that ended before `endedBefore`; returns how many. */
  prune(endedBefore: number): Promise<number>;
}

export type SessionOpening = Pick<
  SessionRecord,
  'uuid' | 'clientSlug' | 'instance' | 'remoteAddress' | 'addresses' | 'startedAt'
> & { readonly clientUuid: string };

export type SessionEnding = Pick<
  SessionRecord,
  'code' | 'bytesIn' | 'bytesOut' | 'packetsIn' | 'packetsOut'
> & { readonly endedAt: number; readonly cause: string };
