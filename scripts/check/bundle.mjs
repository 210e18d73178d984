import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inRepository } from '../bootstrap/repository.mjs';

/** Most octets, as gzip, that the first page may load. */
export const bundleLimit = 250_000;

const folder = inRepository('packages', 'web', 'dist');

/**
 * What of the built web UI the first page loads, as names and octets of gzip: the page, what it names, its language,
 * and the overview with all that it imports.
 * @returns {Record<string, number>}
 */
export function firstPage() {
  const html = readFileSync(join(folder, 'index.html'), 'utf8');
  const names = readdirSync(join(folder, 'assets'));
  const named = [...html.matchAll(/\/assets\/([\w.-]+)/g)].flatMap(([, name = '']) => name);
  const languages = names.filter((name) => languageOf(name) !== null && name.endsWith('.js'));
  const [language = ''] = [...languages].sort((a, b) => gzipped(b) - gzipped(a));
  const overview = names.filter((name) => /^OverviewPage-.*\.js$/.test(name));
  const loaded = new Set([...named, ...overview, language]);
  for (const name of loaded) {
    for (const other of importsOf(name)) if (languageOf(other) === null) loaded.add(other);
  }
  // Styles of its own come with a chunk by name.
  const chunks = new Set([...loaded].map(chunkOf));
  for (const name of names) if (name.endsWith('.css') && chunks.has(chunkOf(name))) loaded.add(name);
  return {
    'index.html': readFileSync(join(folder, 'index.html.gz')).length,
    ...Object.fromEntries([...loaded].map((name) => [name, gzipped(name)])),
  };
}

/** `OverviewPage-Byc7ei0Y.js` is of the chunk `OverviewPage`. @param {string} name */
const chunkOf = (name) => name.split('-')[0] ?? name;

/** The language whose texts these are; null: none's. @param {string} name */
function languageOf(name) {
  const source = inRepository('packages', 'web', 'src', 'languages', `${chunkOf(name)}.json`);
  return existsSync(source) ? chunkOf(name) : null;
}

/** @param {string} name */
const gzipped = (name) =>
  existsSync(join(folder, 'assets', `${name}.gz`))
    ? readFileSync(join(folder, 'assets', `${name}.gz`)).length
    : 0;

/**
 * Chunks that a chunk imports; of the entry, whose others are all other pages, only those it cannot do without.
 * @param {string} name
 */
function importsOf(name) {
  if (!name.endsWith('.js')) return [];
  const text = readFileSync(join(folder, 'assets', name), 'utf8');
  const imports = name.startsWith('index-')
    ? /(?:\bfrom|\bimport)\s*["'`]\.\/([\w.-]+\.js)["'`]/g
    : /(?:\bfrom|\bimport)\s*\(?["'`]\.\/([\w.-]+\.js)["'`]/g;
  return [...text.matchAll(imports)].flatMap(([, other = '']) => other);
}

/**
 * The first page of the web UI is small.
 * @type {import('./commands.mjs').Check}
 */
export async function checkBundle() {
  if (!existsSync(join(folder, 'index.html'))) {
    return { ok: false, output: 'the web UI is not built; npm run build does that' };
  }
  const files = Object.entries(firstPage()).sort(([, a], [, b]) => b - a);
  const octets = files.reduce((sum, [, size]) => sum + size, 0);
  const limit = `of at most ${bundleLimit / 1000} kB of gzip`;
  const largest = files.slice(0, 8).map(([name, size]) => `  ${(size / 1000).toFixed(1)} kB ${name}`);
  return {
    ok: octets <= bundleLimit,
    output: [`the first page loads ${(octets / 1000).toFixed(1)} kB ${limit}; the largest:`, ...largest].join(
      '\n',
    ),
  };
}
