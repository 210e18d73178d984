// node compileCommand.mjs: runs the bundled command as far as a client gets without a profile, and leaves what V8 compiled beside the
// bundle's files.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { bundledEntry } from './commandBundle.mjs';
import { inRepository } from './repository.mjs';

const { Bundle } = createRequire(import.meta.url)(inRepository('packages', 'cli', 'bin', 'bundle.js'));
const directory = dirname(bundledEntry);
const bundle = new Bundle(directory);
process.argv = [process.execPath, bundledEntry, 'connect', join(directory, 'no-profile.toml')];
process.once('exit', () => {
  for (const [file, code] of bundle.compiledCode()) writeFileSync(file, code);
  // The command itself fails, of course.
  process.exitCode = 0;
});
bundle.load(basename(bundledEntry));
