import type { Logger } from 'pino';
import type { Clock, Timer } from './clock.js';

/** Recurring chores. A chore that fails is logged and comes again; one that takes long is not started twice. */
export class Upkeep {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #timers = new Map<string, Timer>();
  #stopped = false;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Runs `chore` for the first time after `intervalMs`, and again that long after each end. */
  every(intervalMs: number, name: string, chore: () => unknown): void {
    if (this.#stopped) return;
    const run = async (): Promise<void> => {
      try {
        await chore();
      } catch (error) {
        this.#logger.error({ err: error, chore: name }, 'a chore failed');
      }
      this.every(intervalMs, name, chore);
    };
    this.#timers.set(
      name,
      this.#clock.after(intervalMs, () => void run()),
    );
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }
}
