import { expect, test } from 'vitest';
import { chooseLanguage } from './languages.js';

const available = ['en', 'zh'];

test.each([
  [null, ['zh-TW', 'en'], 'zh'],
  [null, ['de', 'en-GB'], 'en'],
  [null, ['de', 'fr'], 'en'],
  [null, [], 'en'],
  ['zh', ['en'], 'zh'],
  ['xx', ['zh-CN'], 'zh'],
] as const)('chosen %s, wanted %j: %s', (chosen, wanted, expected) => {
  expect(chooseLanguage(chosen, wanted, available)).toBe(expected);
});
