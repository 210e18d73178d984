import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Sources and results lie equally deep: `e2e/src/x.ts` and `e2e/dist/x.js`. */
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Absolute path of something in the repository. */
export function inRepository(...parts: readonly string[]): string {
  return join(root, ...parts);
}

/** The built `masque-vpn` command. */
export const masqueVpn = inRepository('packages', 'cli', 'dist', 'bin.js');
