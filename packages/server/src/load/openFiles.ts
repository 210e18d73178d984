import { readdirSync, readFileSync } from 'node:fs';

/** File descriptors of this process, and how many it may have; null where the system does not tell. */
export interface OpenFiles {
  readonly open: number | null;
  readonly most: number | null;
}

export function openFiles(): OpenFiles {
  return { open: countOf('/proc/self/fd'), most: limitIn('/proc/self/limits') };
}

function countOf(folder: string): number | null {
  try {
    return readdirSync(folder).length;
  } catch {
    return null;
  }
}

/** The soft limit. */
function limitIn(file: string): number | null {
  try {
    const soft = /^Max open files +(\d+)/m.exec(readFileSync(file, 'utf8'))?.[1];
    return soft === undefined ? null : Number(soft);
  } catch {
    return null;
  }
}
