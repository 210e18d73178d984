import { readFileSync } from 'node:fs';
import { inRepository } from '../bootstrap/repository.mjs';
import { filesBelow } from '../bootstrap/stamp.mjs';

/** Rust's largest allowed share of the lines that users run. */
export const rustLimit = 0.3;

/** @typedef {{ language: 'TypeScript' | 'Rust', part: string, product: number, tests: number, files: number }} PartLines */

/**
 * Lines that are neither blank nor comment only, by part; what users run (`product`) and what only tests run
 * (`tests`: test files, fakes, suites and what tests share) apart.
 * @returns {PartLines[]}
 */
export function countLines() {
  const files = [...filesBelow('packages'), ...filesBelow('engine'), ...filesBelow('e2e')];
  const testModules = new Set(files.filter((path) => path.endsWith('.rs')).flatMap(testModulesOf));
  /** @type {Map<string, PartLines>} */
  const parts = new Map();
  for (const path of files) {
    const language = path.endsWith('.rs')
      ? 'Rust'
      : path.endsWith('.ts') || path.endsWith('.vue')
        ? 'TypeScript'
        : null;
    if (language === null) continue;
    const part = path.startsWith('e2e/') ? 'e2e' : path.split('/').slice(0, 2).join('/');
    const entry = parts.get(part) ?? { language, part, product: 0, tests: 0, files: 0 };
    parts.set(part, entry);
    const { product, tests } = countFile(path, testModules);
    entry.product += product;
    entry.tests += tests;
    entry.files += 1;
  }
  return [...parts.values()].sort((a, b) => b.product - a.product);
}

/**
 * Rust's share of the lines that `count` picks.
 * @param {readonly PartLines[]} parts
 * @param {(part: PartLines) => number} count
 */
export function rustShare(parts, count) {
  /** @param {readonly PartLines[]} some */
  const sum = (some) => some.reduce((total, part) => total + count(part), 0);
  return sum(parts.filter(({ language }) => language === 'Rust')) / Math.max(1, sum(parts));
}

/** @param {PartLines} part */
export const allLines = ({ product, tests }) => product + tests;

/** @param {PartLines} part */
export const productLines = ({ product }) => product;

const testFile = /\.test\.ts$|\/tests\.rs$|\/(tests|benches|fuzz|testing|fake|contract)\/|^e2e\//;

/** @param {string} path @param {ReadonlySet<string>} testModules */
function countFile(path, testModules) {
  const text = readFileSync(inRepository(path), 'utf8');
  const [product, tests] =
    testFile.test(path) || testModules.has(path) ? ['', text] : splitRustTests(path, text);
  return { product: codeLines(product), tests: codeLines(tests) };
}

/**
 * Files that a Rust file includes for its tests only: `#[cfg(test)] mod samples;`.
 * @param {string} path
 */
function testModulesOf(path) {
  const text = readFileSync(inRepository(path), 'utf8');
  const folder = path.replace(/(lib|mod)\.rs$|\.rs$/, (name) => (name === '.rs' ? '/' : ''));
  return [...text.matchAll(/#\[cfg\(test\)\]\s*mod (\w+);/g)].map((match) => `${folder}${match[1]}.rs`);
}

/** @param {string} path @param {string} text @returns {[product: string, tests: string]} */
function splitRustTests(path, text) {
  const at = path.endsWith('.rs') ? text.search(/^#\[cfg\(test\)\]\s*mod \w+ \{/m) : -1;
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)];
}

/** @param {string} text */
function codeLines(text) {
  const withoutBlocks = text.replace(/\/\*[\s\S]*?\*\//g, '');
  return withoutBlocks.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('//'))
    .length;
}
