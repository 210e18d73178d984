import { readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StepFailure } from './failure.mjs';
import { run, tail } from './program.mjs';
import { inRepository } from './repository.mjs';

/** The compiled command, and the file of the bundle that takes its place. Both lie beside their package's manifest. */
export const commandEntry = inRepository('packages', 'cli', 'dist', 'bin.js');
export const bundledEntry = inRepository('packages', 'cli', 'dist', 'masque-vpn.cjs');

const compiler = fileURLToPath(new URL('compileCommand.mjs', import.meta.url));

/** Modules that stay files of their own: the server finds its web interface and its worker threads beside itself. */
const apart = [/^node:/, /^@masque-vpn\/server$/];

/** Files that are loaded by `packages/cli/bin/bundle.js` get what imports modules from it. @type {import('rolldown').Plugin} */
const importsByParameter = {
  name: 'imports-by-parameter',
  renderChunk: (code) => code.replaceAll(/(?<![.\w])import\((?=")/g, 'importModule('),
};

/**
 * Makes a few files of the several hundred modules of the command, one for each part that is loaded on demand:
 * opening and linking modules one by one is most of the time that a short command takes, and of CommonJS Node.js 20 loads
 * a file in half the time of an ES module. Beside them lies what V8 compiled of them (`packages/cli/bin/bundle.js`). Needs the compiled packages.
 */
export async function bundleCommand() {
  const directory = dirname(bundledEntry);
  // First, so that whatever happens meanwhile no file meets the code of its predecessor.
  for (const name of readdirSync(directory)) {
    if (name.endsWith('.cjs.code')) rmSync(join(directory, name));
  }
  const { rolldown } = await import('rolldown');
  const bundle = await rolldown({
    input: { 'masque-vpn': commandEntry },
    platform: 'node',
    external: apart,
    logLevel: 'warn',
    plugins: [importsByParameter],
  });
  try {
    await bundle.write({
      dir: directory,
      format: 'cjs',
      entryFileNames: '[name].cjs',
      // Beside the entry, from where the manifest is found; without a hash, so that a file replaces its predecessor.
      chunkFileNames: 'bundled-[name].cjs',
    });
  } finally {
    await bundle.close();
  }
  const { code, output } = await run(process.execPath, [compiler]);
  if (code !== 0)
    throw new StepFailure(
      'bundled command',
      tail(output, 30),
      'if the sources are as committed, please report this',
    );
}
