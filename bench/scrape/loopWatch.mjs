import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers';

/**
 * Watches every turn of the event loop. A turn that took long may have waited for the machine: `workMs` is at most the
 * CPU time that all threads of the process spent meanwhile, which is what the turn takes on a machine that is free.
 */
export class LoopWatch {
  constructor() {
    this.longest = { blockMs: 0, workMs: 0 };
    this.running = false;
  }

  start() {
    this.longest = { blockMs: 0, workMs: 0 };
    this.running = true;
    this.turn(performance.now(), process.cpuUsage());
  }

  stop() {
    this.running = false;
  }

  /** @param {number} at @param {NodeJS.CpuUsage} cpu both of the turn before */
  turn(at, cpu) {
    setImmediate(() => {
      if (!this.running) return;
      const now = performance.now();
      const used = process.cpuUsage();
      const wallMs = now - at;
      const cpuMs = (used.user - cpu.user + used.system - cpu.system) / 1000;
      this.longest.blockMs = Math.max(this.longest.blockMs, wallMs);
      this.longest.workMs = Math.max(this.longest.workMs, Math.min(wallMs, cpuMs));
      this.turn(now, used);
    });
  }
}
