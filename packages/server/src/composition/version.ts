import { createRequire } from 'node:module';
import { z } from 'zod';

/** The version in this package's own package.json. */
export function serverVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)('../../package.json');
  return z.object({ version: z.string() }).parse(manifest).version;
}
