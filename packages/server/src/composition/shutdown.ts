import type { Clock } from '../process/clock.js';
import type { Domain } from './domain.js';

/** Time for the engine to confirm what was cut off, milliseconds. */
const confirmationMs = 500;

/** Time for a slow disk to take the last records, milliseconds. A disk that hangs must not hold the server up. */
const recordingMs = 5_000;

/** Ends every session in order, cuts off what is left after `drainMs`, and waits until all of them are recorded. */
export async function drain(
  { sessions, metrics, history, usage }: Domain,
  drainMs: number,
  clock: Clock,
): Promise<void> {
  const gone = sessions.drain();
  if (!(await withinTime(gone, drainMs, clock))) {
    sessions.abandon();
    await withinTime(gone, confirmationMs, clock);
  }
  metrics.read();
  await metrics.settled();
  const recorded = Promise.all([history.flush(), usage.close()]).then(() => undefined);
  await withinTime(recorded, recordingMs, clock);
}

async function withinTime(work: Promise<void>, limitMs: number, clock: Clock): Promise<boolean> {
  let cancel: () => void = () => undefined;
  const late = new Promise<boolean>((resolve) => {
    const timer = clock.after(limitMs, () => resolve(false));
    cancel = () => timer.cancel();
  });
  const inTime = await Promise.race([work.then(() => true), late]);
  cancel();
  return inTime;
}
