/** Time as the server sees it; injected, so that tests decide what time it is. */
export interface Clock {
  /** UTC in milliseconds since the Unix epoch, with fractions. Steps when the system's clock is set. */
  now(): number;
  /** Milliseconds since an arbitrary moment, with fractions; never steps. For durations. */
  monotonic(): number;
  /** Runs `task` once after `delayMs`; does not keep the process alive. */
  after(delayMs: number, task: () => void): Timer;
}

/** A pending `Clock.after`; cancelling one that has run does nothing. */
export interface Timer {
  cancel(): void;
}

/** The machine's clock. */
export function systemClock(): Clock {
  return {
    now: preciseNow(),
    monotonic: () => performance.now(),
    after(delayMs, task) {
      const timeout = setTimeout(task, delayMs);
      timeout.unref();
      return {
        cancel: () => {
          clearTimeout(timeout);
        },
      };
    },
  };
}

/**
 * UTC with fractions: the monotonic clock since the process started, kept within the millisecond that Date.now()
 * names, so that it follows a system clock that is set or slewed.
 */
function preciseNow(): () => number {
  let correction = 0;
  return () => {
    const estimate = performance.timeOrigin + performance.now() + correction;
    const behind = Date.now() - estimate;
    if (behind > 0) correction += behind;
    else if (behind < -1) correction += behind + 1;
    return performance.timeOrigin + performance.now() + correction;
  };
}
