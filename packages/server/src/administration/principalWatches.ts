import type { Logger } from 'pino';
import type { Clock, Timer } from '../process/clock.js';
import type { Principal } from './principal.js';
import type { LoginSessions } from './sessions.js';
import type { Tokens } from './tokens.js';

export interface PrincipalWatchesOptions {
  readonly sessions: Pick<LoginSessions, 'again'>;
  readonly tokens: Pick<Tokens, 'again'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long a stream outlives the right to it at most, milliseconds. */
const lookMs = 10_000;

/** Looks again and again whether those who listen to something that does not end by itself still may. */
export class PrincipalWatches {
  readonly #options: PrincipalWatchesOptions;

  constructor(options: PrincipalWatchesOptions) {
    this.#options = options;
  }

  /** Calls `lost` once when `may` does not hold any more of who the principal is now; until disposed. */
  watch(principal: Principal, may: (now: Principal) => boolean, lost: () => void): Disposable {
    const { clock, logger } = this.#options;
    const kind = principal.via.kind;
    let timer: Timer | null = null;
    let disposed = kind === 'socket' || kind === 'nothing';
    const look = async (): Promise<void> => {
      const now = await this.#again(principal);
      if (disposed) return;
      if (now !== null && may(now)) schedule();
      else lost();
    };
    const schedule = (): void => {
      timer = clock.after(lookMs, () => {
        look().catch((error: unknown) => {
          // While the database is away nobody can be asked; the next look decides.
          logger.debug({ err: error }, 'whether a stream may go on is not known');
          if (!disposed) schedule();
        });
      });
    };
    if (!disposed) schedule();
    return {
      [Symbol.dispose]: () => {
        disposed = true;
        timer?.cancel();
      },
    };
  }

  #again(principal: Principal): Promise<Principal | null> {
    const { sessions, tokens } = this.#options;
    return principal.via.kind === 'cookie' ? sessions.again(principal) : tokens.again(principal);
  }
}
