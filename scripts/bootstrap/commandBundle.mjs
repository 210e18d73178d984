import { inRepository } from './repository.mjs';

/** The compiled command, and the file of the bundle that takes its place. Both lie beside their package's manifest. */
export const commandEntry = inRepository('packages', 'cli', 'dist', 'bin.js');
export const bundledEntry = inRepository('packages', 'cli', 'dist', 'masque-vpn.js');

/**
 * Modules that stay files of their own: the engine finds its native part beside itself, the server its web interface
 * and its worker threads.
 */
const apart = [/^node:/, /^@masque-vpn\/(engine|server)$/];

/**
 * Makes a few files of the several hundred modules of the command, one for each part that is loaded on demand:
 * opening and linking modules one by one is most of the time that a short command takes. Needs the compiled packages.
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
      format: 'esm',
      entryFileNames: '[name].js',
      // Beside the entry, from where the manifest is found; without a hash, so that a file replaces its predecessor.
      chunkFileNames: 'bundled-[name].js',
    });
  } finally {
    await bundle.close();
  }
}
