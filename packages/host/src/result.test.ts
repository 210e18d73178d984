import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { hostErrorCodes } from './result.js';

const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');

test('docs/errors.md explains the codes of the host, and no others', () => {
  const explained = [...page.matchAll(/^\| `(HOST_[A-Z_]+)` +\|/gm)].map(([, code]) => code);
  expect(explained.toSorted()).toEqual(hostErrorCodes.toSorted());
});
