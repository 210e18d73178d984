/** Time as a collaborator, so that tests decide when it passes. */
export interface Clock {
  /** UTC milliseconds since the Unix epoch. */
  now(): number;
  /** Whole milliseconds since some moment; unlike `now`, setting the machine's clock does not move it. */
  monotonic(): number;
  /** Calls `callback` once after `ms` milliseconds, unless the returned handle is disposed before. */
  after(ms: number, callback: () => void): Disposable;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => Math.floor(performance.now()),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};

/** Waits `ms` milliseconds; resolves to `false` when `signal` aborted first. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  return new Promise((resolve) => {
    const timer = clock.after(ms, () => {
      signal.removeEventListener('abort', stop);
      resolve(true);
    });
    const stop = (): void => {
      timer[Symbol.dispose]();
      resolve(false);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}
