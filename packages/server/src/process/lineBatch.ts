import type { Clock, Timer } from './clock.js';
import type { LogTarget } from './logging.js';

/** How long a line may wait for others, milliseconds. */
const patienceMs = 50;
/** Characters that are not held back for others any longer. */
const mostCharacters = 65_536;

/**
 * Writes lines together: a write to a pipe wakes its reader, which costs more than the line. A line that comes alone is
 * written at once, so is one that matters (`flush`); those that come within a moment of it wait for that moment's end.
 */
export class LineBatch implements LogTarget, Disposable {
  readonly isTTY: boolean;
  readonly #target: LogTarget;
  readonly #clock: Pick<Clock, 'after'>;
  #waiting = '';
  #timer: Timer | null = null;

  constructor(target: LogTarget, clock: Pick<Clock, 'after'>) {
    this.isTTY = target.isTTY === true;
    this.#target = target;
    this.#clock = clock;
  }

  write(line: string): void {
    this.#waiting += line;
    if (this.#timer === null) {
      this.flush();
      this.#timer = this.#clock.after(patienceMs, () => this.#endMoment());
    } else if (this.#waiting.length >= mostCharacters) this.flush();
  }

  /** Writes what waits, now. */
  flush(): void {
    if (this.#waiting === '') return;
    const text = this.#waiting;
    this.#waiting = '';
    this.#target.write(text);
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.flush();
  }

  #endMoment(): void {
    this.#timer = null;
    if (this.#waiting !== '') this.write('');
  }
}
