import type { Clock, Timer } from '../process/clock.js';
import type { AccessEndCause, Session } from '../sessions/session.js';
import type { ClientDirectory } from './directory.js';
import { Deadlines } from './deadlines.js';

export interface AccessKeeperOptions {
  readonly directory: Pick<ClientDirectory, 'accessOf'>;
  readonly clock: Clock;
  /** Sessions of a client that hold a place. */
  readonly sessionsOf: (clientUuid: string) => readonly Session[];
  /** Ends them at once. */
  readonly end: (sessions: readonly Session[], cause: AccessEndCause, sinceMs: number) => void;
  /** A session was ended by time alone: nobody did anything. */
  readonly onExpired: (session: Session, cause: AccessEndCause) => void;
}

/** The longest wait, milliseconds: the system's clock may be set meanwhile, and timers have an upper bound. */
const longestWaitMs = 60 * 60_000;

/**
 * Ends the sessions of whoever lost access: when somebody changed the client or its certificates, and when their
 * time is over. One timer, for the earliest of all deadlines.
 */
export class AccessKeeper implements Disposable {
  readonly #options: AccessKeeperOptions;
  readonly #deadlines = new Deadlines<Session>();
  #timer: { readonly timer: Timer; readonly atMs: number } | null = null;

  constructor(options: AccessKeeperOptions) {
    this.#options = options;
  }

  /** A session was opened: it ends when the time of its client or certificate is over. */
  opened(session: Session): void {
    this.#judge([session], null);
  }

  /** A session is over. */
  ended(session: Session): void {
    this.#deadlines.delete(session);
    this.#arm();
  }

  /**
   * The client or its certificates have changed: ends the sessions that have no access any more; returns how many.
   *
   * @param lostAtMs when the change was asked for, where the records do not tell; default: now
   */
  review(clientUuid: string, lostAtMs: number | null = null): number {
    return this.#judge(this.#options.sessionsOf(clientUuid), lostAtMs);
  }

  [Symbol.dispose](): void {
    this.#timer?.timer.cancel();
    this.#timer = null;
  }

  /** How many sessions it watches. */
  get size(): number {
    return this.#deadlines.size;
  }

  #judge(
    sessions: readonly Session[],
    lostAtMs: number | null,
    onEnd: (session: Session, cause: AccessEndCause) => void = () => undefined,
  ): number {
    const { directory, clock, end } = this.#options;
    const now = clock.now();
    let ended = 0;
    for (const session of sessions) {
      const access = directory.accessOf(session.client.uuid, session.certificateSha256, now);
      if (access.granted && access.untilMs !== null) this.#deadlines.set(session, access.untilMs);
      else this.#deadlines.delete(session);
      if (access.granted) continue;
      end([session], access.fault, access.sinceMs ?? lostAtMs ?? now);
      onEnd(session, access.fault);
      ended += 1;
    }
    this.#arm();
    return ended;
  }

  #arm(): void {
    const { next } = this.#deadlines;
    if (next?.atMs === this.#timer?.atMs) return;
    this.#timer?.timer.cancel();
    this.#timer = null;
    if (next === null) return;
    const { clock } = this.#options;
    const waitMs = Math.min(Math.max(0, next.atMs - clock.now()), longestWaitMs);
    this.#timer = { atMs: next.atMs, timer: clock.after(waitMs, () => this.#due()) };
  }

  #due(): void {
    this.#timer = null;
    const now = this.#options.clock.now();
    const due: Session[] = [];
    for (let { next } = this.#deadlines; next !== null && next.atMs <= now; { next } = this.#deadlines) {
      this.#deadlines.delete(next.item);
      due.push(next.item);
    }
    this.#judge(due, null, this.#options.onExpired);
  }
}
