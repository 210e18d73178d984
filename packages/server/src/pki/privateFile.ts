import { chmod, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The text of a file; null when there is none. Other failures throw. */
export async function readIfPresent(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Writes a file so that a crash leaves the old content or the new, never a part: a temporary file is synced, then
 * renamed, then the folder is synced. Throws the system's error.
 */
export async function writeAtomically(path: string, text: string, mode: number): Promise<void> {
  const temporary = `${path}.new`;
  {
    await using file = await open(temporary, 'w', mode);
    // A leftover of a crash keeps its old mode otherwise.
    await file.chmod(mode);
    await file.writeFile(text);
    await file.sync();
  }
  await rename(temporary, path);
  await using folder = await open(dirname(path), 'r');
  await folder.sync();
}

/** Takes the rights of everybody but the owner away; true if there were any. */
export async function makePrivate(path: string): Promise<boolean> {
  const { mode } = await stat(path);
  if ((mode & 0o077) === 0) return false;
  await chmod(path, mode & 0o700);
  return true;
}

/** `ENOENT`, `ENOSPC` …; `UNKNOWN` for an error that is none of the system's. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
}
