import { readFileSync } from 'node:fs';
import { inRepository } from '../bootstrap/repository.mjs';
import { filesBelow } from '../bootstrap/stamp.mjs';

/** Rust's largest allowed share of the product's lines. */
export const rustLimit = 0.3;

/** @typedef {{ language: 'TypeScript' | 'Rust', part: string, product: number, tests: number, files: number }} PartLines */

/**
 * Lines that are neither blank nor comment only, by part of the product; tests apart.
 * A Rust file's `#[cfg(test)] mod tests` at its end counts as tests.
 * @returns {PartLines[]}
 */
export function countLines() {
  /** @type {Map<string, PartLines>} */
  const parts = new Map();
  for (const path of [...filesBelow('packages'), ...filesBelow('engine')]) {
    const language = path.endsWith('.rs')
      ? 'Rust'
      : path.endsWith('.ts') || path.endsWith('.vue')
        ? 'TypeScript'
        : null;
    if (language === null) continue;
    const part = path.split('/').slice(0, 2).join('/');
    const entry = parts.get(part) ?? { language, part, product: 0, tests: 0, files: 0 };
    parts.set(part, entry);
    const { product, tests } = countFile(path);
    entry.product += product;
    entry.tests += tests;
    entry.files += 1;
  }
  return [...parts.values()].sort((a, b) => b.product - a.product);
}

/**
 * Rust's share of the product's lines, tests left out on both sides.
 * @param {readonly PartLines[]} parts
 */
export function rustShare(parts) {
  /** @param {readonly PartLines[]} some */
  const sum = (some) => some.reduce((total, { product }) => total + product, 0);
  return sum(parts.filter(({ language }) => language === 'Rust')) / Math.max(1, sum(parts));
}

/** @param {string} path */
function countFile(path) {
  const text = readFileSync(inRepository(path), 'utf8');
  const isTest = /(\.test\.ts|_test\.rs|\/tests\.rs)$|\/(tests|benches|fuzz|testing)\//.test(path);
  const [product, tests] = isTest ? ['', text] : splitRustTests(path, text);
  return { product: codeLines(product), tests: codeLines(tests) };
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
