import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { refusalErrors } from './metrics/errors.js';

/** Last cells of the rows of `docs/errors.md`, by code. */
const countsIn = new Map(
  [
    ...readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8').matchAll(
      /^\| `([A-Z][A-Z0-9_]+)` +\|.*\| ([^|]*?) +\|$/gm,
    ),
  ].map(([, code = '', cell = '']) => [code, cell]),
);

test.each(Object.entries(refusalErrors))('docs/errors.md says in which metric %s counts', (code, type) => {
  const expected = type === null ? /^–$/ : new RegExp(`^\`errors_total\\{${type}\\}\``);
  expect(countsIn.get(code)).toMatch(expected);
});
