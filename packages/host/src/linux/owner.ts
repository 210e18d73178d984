import { readFile, readlink } from 'node:fs/promises';

/** Who changed the host: a process of one boot, and the network namespace it did it in. */
export interface Owner {
  readonly pid: number;
  /** Start time in clock ticks since boot (proc(5), stat field 22): a reused pid has another. */
  readonly startTicks: number;
  /** A reboot undoes everything by itself. */
  readonly bootId: string;
  /** `net:[4026531840]`; changes can only be undone where they were made. */
  readonly networkNamespace: string;
}

/** This process, here and now. */
export async function currentOwner(): Promise<Owner> {
  const [startTicks, bootId, networkNamespace] = await Promise.all([
    startTicksOf(process.pid),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    readlink('/proc/self/ns/net'),
  ]);
  return { pid: process.pid, startTicks: startTicks ?? 0, bootId: bootId.trim(), networkNamespace };
}

/** Whether the process with this pid and start time still runs (a zombie does not). */
export async function isRunning(pid: number, startTicks: number): Promise<boolean> {
  return (await startTicksOf(pid)) === startTicks;
}

async function startTicksOf(pid: number): Promise<number | null> {
  try {
    return parseStartTicks(await readFile(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return null;
  }
}

/** Start time from `/proc/PID/stat`; null for a zombie. The program's name may hold spaces and parentheses. */
export function parseStartTicks(stat: string): number | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  const startTicks = Number(fields[19]);
  return state === 'Z' || state === 'X' || !Number.isSafeInteger(startTicks) ? null : startTicks;
}
