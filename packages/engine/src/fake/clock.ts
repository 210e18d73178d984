/** A pending timer of either habit: `cancel()` or `using`. */
export type Timer = { cancel(): void } | Disposable;

/** Time as the fake sees it. */
export interface Clock {
  /** UTC milliseconds since the Unix epoch. */
  now(): number;
  /** Runs `task` once after `delayMs`, unless the returned timer is cancelled before. */
  after(delayMs: number, task: () => void): Timer;
}

/** Stops a timer of any clock; one that has run stays as it is. */
export function cancelTimer(timer: Timer): void {
  if ('cancel' in timer) timer.cancel();
  else timer[Symbol.dispose]();
}

/** The machine's clock; its timers do not keep the process alive. */
export const wallClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, task) => {
    const timeout = setTimeout(task, delayMs);
    timeout.unref();
    return { cancel: () => clearTimeout(timeout) };
  },
};

interface Alarm {
  readonly atMs: number;
  readonly order: number;
  readonly task: () => void;
}

/** A clock that only moves when a test says so. Also fits where a timer with `cancel` or a `monotonic` is wanted. */
export class ManualClock implements Clock {
  #nowMs: number;
  #order = 0;
  readonly #startMs: number;
  readonly #alarms = new Set<Alarm>();

  /** Starts at the present, so that certificates made in a test are valid. */
  constructor(startMs: number = Date.now()) {
    this.#nowMs = startMs;
    this.#startMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  /** Milliseconds since the clock was made. */
  monotonic(): number {
    return this.#nowMs - this.#startMs;
  }

  after(delayMs: number, task: () => void): { cancel(): void } & Disposable {
    const alarm = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, task };
    this.#alarms.add(alarm);
    const cancel = (): void => {
      this.#alarms.delete(alarm);
    };
    return { cancel, [Symbol.dispose]: cancel };
  }

  /** Timers that have not run yet. */
  get pending(): number {
    return this.#alarms.size;
  }

  /** Moves on by `ms`, running what comes due in order of time; a task sees the time it was set for. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let due = this.#next(endMs); due !== null; due = this.#next(endMs)) {
      this.#alarms.delete(due);
      this.#nowMs = due.atMs;
      due.task();
    }
    this.#nowMs = endMs;
  }

  #next(endMs: number): Alarm | null {
    let first: Alarm | null = null;
    for (const alarm of this.#alarms) {
      if (alarm.atMs > endMs) continue;
      if (
        first === null ||
        alarm.atMs < first.atMs ||
        (alarm.atMs === first.atMs && alarm.order < first.order)
      )
        first = alarm;
    }
    return first;
  }
}
