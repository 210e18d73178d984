import { fileURLToPath } from 'node:url';

/** The command line that runs a TypeScript module of this repository from its sources in a process of its own. */
export function typescriptCommand(module: URL, ...args: readonly string[]): [string, ...string[]] {
  const hooks = fileURLToPath(new URL('./typescript.mjs', import.meta.url));
  return [process.execPath, '--conditions=source', '--import', hooks, fileURLToPath(module), ...args];
}
