import type { SessionEnding } from '../store/sessionHistory.js';
import type { Session } from './session.js';

/** A request of a known client that got no tunnel. */
export interface RefusedRequest {
  /** Slug. */
  readonly clientId: string;
  readonly code: string;
  readonly remoteAddress: string;
  /** UTC milliseconds. */
  readonly atMs: number;
}

/** Hears of sessions; whatever it does must neither throw nor wait. */
export interface SessionObserver {
  /** It was answered with 200. */
  readonly opened?: (session: Session) => void;
  /** It is over and was admitted; a little after its end, with its final counters. */
  readonly ended?: (session: Session, ending: SessionEnding) => void;
  readonly refused?: (request: RefusedRequest) => void;
}

/** All of them as one. */
export function observers(all: readonly SessionObserver[]): Required<SessionObserver> {
  return {
    opened: (session) => {
      for (const observer of all) observer.opened?.(session);
    },
    ended: (session, ending) => {
      for (const observer of all) observer.ended?.(session, ending);
    },
    refused: (request) => {
      for (const observer of all) observer.refused?.(request);
    },
  };
}
