import { inRepository } from './repository.mjs';

/** The compiled command, and the file of the bundle that takes its place. Both lie beside their package's manifest. */
export const commandEntry = inRepository('packages', 'cli', 'dist', 'bin.js');
export const bundledEntry = inRepository('packages', 'cli', 'dist', 'masque-vpn.cjs');

/** Modules that stay files of their own: the server finds its web interface and its worker threads beside itself. */
const apart = [/^node:/, /^@masque-vpn\/server$/];

/**
 * Makes a few files of the several hundred modules of the command, one for each part that is loaded on demand:
 * opening and linking modules one by one is most of the time that a short command takes, and of CommonJS Node.js 20 loads
 * a file in half the time of an ES module. Needs the compiled packages.
 */
export async function bundleCommand() {
  const { rolldown } = await import('rolldown');
  const bundle = await rolldown({
    input: { 'masque-vpn': commandEntry },
    platform: 'node',
    external: apart,
    logLevel: 'warn',
  });
  try {
    await bundle.write({
      dir: inRepository('packages', 'cli', 'dist'),
      format: 'cjs',
      entryFileNames: '[name].cjs',
      // Beside the entry, from where the manifest is found; without a hash, so that a file replaces its predecessor.
      chunkFileNames: 'bundled-[name].cjs',
    });
  } finally {
    await bundle.close();
  }
}
