import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

/** Absolute path of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Absolute path of something in the repository.
 * @param {...string} parts
 */
export const inRepository = (...parts) => join(root, ...parts);
