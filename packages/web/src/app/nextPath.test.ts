import { expect, test } from 'vitest';
import { nextPath } from './nextPath.js';

test.each([
  ['/clients?q=a', '/clients?q=a'],
  ['//evil.example/', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  ['javascript:alert(1)', '/'],
  [undefined, '/'],
  [['/a', '/b'], '/'],
])('after signing in, %j leads to %s', (next, expected) => {
  expect(nextPath(next)).toBe(expected);
});
