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
    // Date.now() has whole milliseconds only; the fraction comes from the monotonic clock, anchored anew each
    // second so that a stepped system clock is followed.
    now: anchoredNow(),
    monotonic: () => performance.now(),
    after(delayMs, task) {
      const timeout = setTimeout(task, delayMs);
      timeout.unref();
      return { cancel: () => clearTimeout(timeout) };
    },
  };
}

function anchoredNow(): () => number {
  let wall = Date.now();
  let anchor = performance.now();
  return () => {
    const elapsed = performance.now() - anchor;
    if (elapsed > 1_000 || Math.abs(Date.now() - wall - elapsed) > 2) {
      wall = Date.now();
      anchor = performance.now();
      return wall;
    }
    return wall + elapsed;
  };
}
