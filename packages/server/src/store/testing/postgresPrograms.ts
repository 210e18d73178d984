import { accessSync, constants, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where PostgreSQL's server programs are: distributions keep them out of PATH. Throws with advice if nowhere. */
export function postgresProgram(name: 'initdb' | 'postgres'): string {
  const folders = [
    ...versionedFolders('/usr/lib/postgresql', /^[0-9]+$/),
    ...versionedFolders('/usr', /^pgsql-[0-9]+$/),
    ...(process.env['PATH'] ?? '').split(':'),
  ];
  const found = folders.map((folder) => join(folder, name)).find(isExecutable);
  if (found !== undefined) return found;
  throw new Error(
    `PostgreSQL's server program "${name}" is not installed, and these tests need a real one. ` +
      'Debian, Ubuntu: apt-get install postgresql (as root "npm test" does that); ' +
      'Fedora: dnf install postgresql-server; Arch: pacman -S postgresql.',
  );
}

/** The newest version first. */
function versionedFolders(parent: string, pattern: RegExp): string[] {
  try {
    const version = (name: string): number => Number(/[0-9]+$/.exec(name)?.[0]);
    return readdirSync(parent)
      .filter((name) => pattern.test(name))
      .sort((a, b) => version(b) - version(a))
      .map((name) => join(parent, name, 'bin'));
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
