import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inRepository } from './repository.mjs';

/** Folders that hold results, not sources. */
const results = new Set(['node_modules', 'dist', 'target', 'native', '.cache']);

/**
 * Every file below a folder of the repository, sorted, results left out.
 * @param {string} folder relative to the repository
 * @returns {string[]} paths relative to the repository
 */
export function filesBelow(folder) {
  return readdirSync(inRepository(folder), { withFileTypes: true })
    .filter((entry) => !results.has(entry.name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    })
    .sort();
}

/**
 * SHA-256 over the names and contents of files, and over `facts` (versions, say).
 * @param {readonly string[]} files relative to the repository
 * @param {readonly string[]} [facts]
 */
export function fingerprint(files, facts = []) {
  const hash = createHash('sha256');
  for (const fact of facts) hash.update(`${fact}\0`);
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(inRepository(file)))
      .update('\0');
  return hash.digest('hex');
}

/** @param {string} name */
const stampPath = (name) => inRepository('.cache', 'stamps', name);

/**
 * Whether the step `name` was last done for exactly this fingerprint.
 * @param {string} name
 * @param {string} value
 */
export function isStamped(name, value) {
  try {
    return readFileSync(stampPath(name), 'utf8') === value;
  } catch {
    return false;
  }
}

/**
 * Remembers that the step `name` is done for this fingerprint.
 * @param {string} name
 * @param {string} value
 */
export function stamp(name, value) {
  mkdirSync(dirname(stampPath(name)), { recursive: true });
  writeFileSync(stampPath(name), value);
}
