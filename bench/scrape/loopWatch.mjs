import { openSync, readSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers';

/**
 * Watches every turn of the event loop. A turn that took long may have waited for the machine: `workMs` is the CPU time
 * that the event loop's own thread spent meanwhile, which is what the turn takes on a machine that is free.
 */
export class LoopWatch {
  constructor() {
    this.longest = { blockMs: 0, workMs: 0 };
    this.running = false;
    /** The main thread's figures, in nanoseconds: on the CPU, waiting for one (proc(5), sched-stats). */
    this.schedstat = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
    this.buffer = Buffer.alloc(128);
  }

  start() {
    this.longest = { blockMs: 0, workMs: 0 };
    this.running = true;
    this.turn(performance.now(), this.cpuMs());
  }

  stop() {
    this.running = false;
  }

  /** CPU time of the event loop's thread so far. */
  cpuMs() {
    const length = readSync(this.schedstat, this.buffer, 0, this.buffer.length, 0);
    return Number.parseInt(this.buffer.toString('latin1', 0, length), 10) / 1e6;
  }

  /** @param {number} at @param {number} cpuMs both of the turn before */
  turn(at, cpuMs) {
    setImmediate(() => {
      if (!this.running) return;
      const now = performance.now();
      const used = this.cpuMs();
      this.longest.blockMs = Math.max(this.longest.blockMs, now - at);
      this.longest.workMs = Math.max(this.longest.workMs, used - cpuMs);
      this.turn(now, used);
    });
  }
}
