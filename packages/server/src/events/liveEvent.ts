/** What can be listened to. */
export const topics = ['sessions', 'clients', 'flows', 'audit', 'metrics', 'logs'] as const;
export type Topic = (typeof topics)[number];

/** Something that happened, as listeners see it. */
export interface LiveEvent {
  /** Counts all events of this run, from 1: listeners resume after the last one they saw. */
  readonly number: number;
  readonly topic: Topic;
  /** `session.opened`, `client.updated`, `audit.added` … */
  readonly type: string;
  /** UTC milliseconds. */
  readonly atMs: number;
  /** Whom it concerns, where it concerns one: listeners may ask for one client or session. */
  readonly clientId: string | null;
  readonly sessionId: string | null;
  /** JSON; never a secret. */
  readonly data: unknown;
}

/** An event before it was published. */
export interface LiveEventInput {
  readonly topic: Topic;
  readonly type: string;
  readonly clientId?: string;
  readonly sessionId?: string;
  readonly data: unknown;
}
