import { mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The CPU controller of cgroup v1, which takes single threads, or of v2. */
const controllers = [
  { root: '/sys/fs/cgroup/cpu', quota: 'cpu.cfs_quota_us', period: 'cpu.cfs_period_us' },
  { root: '/sys/fs/cgroup', quota: 'cpu.max', period: null },
];
/** Short, so that a thread which used its share up is not gone for long. */
const periodMicroseconds = 4_000;
/** @typedef {{ readonly id: number, readonly pid: number }} Thread */

/**
 * The threads of a process that move packets.
 * @param {number} pid
 * @returns {readonly Thread[]}
 */
export function workersOf(pid) {
  return readdirSync(`/proc/${pid}/task`)
    .map(Number)
    .filter((id) => readFileSync(`/proc/${pid}/task/${id}/comm`, 'utf8').startsWith('masque-worker'))
    .map((id) => ({ id, pid }));
}

/**
 * Time that each thread has run so far, seconds; ticks would miss turns as short as these.
 * @param {readonly Thread[]} threads
 */
export function threadSeconds(threads) {
  return threads.map(({ id, pid }) => {
    const [nanoseconds] = readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ');
    return Number(nanoseconds) / 1e9;
  });
}

/** Gives each of some threads the same share of a core, and no more, until it is ended. */
export class Throttle {
  /**
   * @param {readonly Thread[]} threads
   * @param {number} share of a core, 0–1
   */
  constructor(threads, share) {
    const controller = controllers.find(
      ({ root, quota }) => listed(root).includes(quota) || quota === 'cpu.max',
    );
    if (controller === undefined) throw new Error('there is no CPU controller');
    const { root, quota, period } = controller;
    const quotaMicroseconds = Math.round(share * periodMicroseconds);
    /** @type {{ readonly group: string, readonly thread: Thread }[]} */
    this.groups = [];
    this.root = root;
    this.tasks = period === null ? 'cgroup.threads' : 'tasks';
    for (const thread of threads) {
      const group = join(root, `masque-vpn-bench-${thread.id}`);
      mkdirSync(group);
      this.groups.push({ group, thread });
      if (period === null) {
        writeFileSync(join(group, 'cgroup.type'), 'threaded');
        writeFileSync(join(group, quota), `${quotaMicroseconds} ${periodMicroseconds}`);
      } else {
        writeFileSync(join(group, period), String(periodMicroseconds));
        writeFileSync(join(group, quota), String(quotaMicroseconds));
      }
      writeFileSync(join(group, this.tasks), String(thread.id));
    }
  }

  /** Lets the threads go. */
  end() {
    for (const { group, thread } of this.groups) {
      try {
        writeFileSync(join(this.root, this.tasks), String(thread.id));
      } catch {
        // It has ended.
      }
      rmdirSync(group);
    }
  }
}

/** @param {string} directory */
function listed(directory) {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
