import { readFileSync } from 'node:fs';

/** USER_HZ, which Linux shows to programs whatever its own tick is. */
const ticksPerSecond = 100;

/**
 * User and system time of processes so far, seconds; soft interrupts are not in it.
 * @param {readonly number[]} pids
 */
export function cpuSeconds(pids) {
  return pids.reduce((total, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return total + (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  }, 0);
}

/**
 * Resident memory of a process, bytes.
 * @param {number} pid
 */
export function residentBytes(pid) {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1] ?? Number.NaN) * 1024;
}

/** Share of all cores that were busy between two readings of /proc/stat, 0–1. */
export class MachineLoad {
  constructor() {
    this.before = readTimes();
  }

  /** Since it was made. */
  share() {
    const now = readTimes();
    const total = now.total - this.before.total;
    return total === 0 ? 0 : 1 - (now.idle - this.before.idle) / total;
  }
}

function readTimes() {
  const line = readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '';
  const times = line.split(/\s+/).slice(1, 9).map(Number);
  return { total: times.reduce((sum, time) => sum + time, 0), idle: (times[3] ?? 0) + (times[4] ?? 0) };
}
