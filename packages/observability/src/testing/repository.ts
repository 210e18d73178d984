import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Text of a file of the repository, by its path from the root. */
export function repositoryFile(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../../../../${path}`, import.meta.url)), 'utf8');
}
