import { checkBundle } from './bundle.mjs';
import { node, program } from './commands.mjs';
import { countLines, productLines, rustLimit, rustShare } from './lines.mjs';
import { checkVocabulary } from './vocabulary.mjs';

/** @type {import('./commands.mjs').Check} */
async function checkRustShare() {
  const share = rustShare(countLines(), productLines);
  const percent = (share * 100).toFixed(1);
  return {
    ok: share < rustLimit,
    output: `Rust is ${percent} % of the product's lines; npm run lines tells where`,
  };
}

/**
 * Everything static, in the order in which people want to hear of it.
 * @type {Readonly<Record<string, import('./commands.mjs').Check>>}
 */
export const checks = {
  'types of the packages': node('typescript/bin/tsc', ['-b']),
  'types of tests and sources': node('typescript/bin/tsc', ['-p', 'tsconfig.lint.json']),
  'types of the web UI': node('vue-tsc/bin/vue-tsc.js', ['-p', 'packages/web']),
  'types of scripts': node('typescript/bin/tsc', ['-p', 'scripts']),
  eslint: node('eslint/bin/eslint.js', ['.', '--max-warnings', '0']),
  prettier: node('prettier/bin/prettier.cjs', ['--check', '.']),
  'import directions': node('dependency-cruiser/bin/dependency-cruise.mjs', [
    '--config',
    '.dependency-cruiser.mjs',
    'packages',
    'e2e',
  ]),
  'unused code (knip)': node('knip/bin/knip.js', []),
  rustfmt: program('cargo', ['fmt', '--all', '--check'], 'engine'),
  clippy: program(
    'cargo',
    ['clippy', '--workspace', '--all-targets', '--locked', '--', '-D', 'warnings'],
    'engine',
  ),
  'rustfmt of the wire': program('cargo', ['fmt', '--check'], 'bench/wire'),
  'clippy of the wire': program(
    'cargo',
    ['clippy', '--all-targets', '--locked', '--', '-D', 'warnings'],
    'bench/wire',
  ),
  "the first page's size": checkBundle,
  "the engine's vocabulary": checkVocabulary,
  "Rust's share": checkRustShare,
};
