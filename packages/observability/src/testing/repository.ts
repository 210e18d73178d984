import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Absolute path of something in the repository, by its path from the root. */
export function repositoryPath(path: string): string {
  return fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
}

/** Text of a file of the repository. */
export function repositoryFile(path: string): string {
  return readFileSync(repositoryPath(path), 'utf8');
}
