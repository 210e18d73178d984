import { fail, ok, type Result } from '@masque-vpn/protocol';

/** Lets a bounded number of works run, and a bounded number wait for it, in order. */
export class Turnstile {
  readonly #atATime: number;
  readonly #waiting: number;
  readonly #queue: (() => void)[] = [];
  #running = 0;

  constructor(atATime: number, waiting: number) {
    this.#atATime = atATime;
    this.#waiting = waiting;
  }

  /** Runs the work in its turn; `'full'` when too many wait already. What the work throws comes through. */
  async pass<T>(work: () => Promise<T>): Promise<Result<T, 'full'>> {
    if (this.#running < this.#atATime) this.#running += 1;
    else if (this.#queue.length >= this.#waiting) return fail('full');
    else {
      await new Promise<void>((resolve) => {
        this.#queue.push(resolve);
      });
    }
    try {
      return ok(await work());
    } finally {
      // The place goes to the next in the queue as it is.
      const next = this.#queue.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
