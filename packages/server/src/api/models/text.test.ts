import { describe, expect, test } from 'vitest';
import { exactText, lineText, proseText } from './text.js';

const line = lineText(5);
const prose = proseText(5);
const exact = exactText(5);
const kinds = [
  ['a line', line],
  ['prose', prose],
  ['exact text', exact],
] as const;

describe.each(kinds)('%s', (_, schema) => {
  test.each(['a\u0000', 'a\u001b', 'a\u0085', 'a\u202eb', 'a\u200bb', 'a\u2028b', 'a\ufeffb', 'a\ud800'])(
    'has no hidden characters: %j',
    (text) => {
      expect(schema.safeParse(text).success).toBe(false);
    },
  );

  test.each(['<b>', "';--", 'דנה', '🦊🦊'])('is kept as it is: %s', (text) => {
    expect(schema.parse(text)).toBe(text);
  });

  test('has a bound', () => {
    expect([schema.safeParse('abcde').success, schema.safeParse('abcdef').success]).toEqual([true, false]);
  });
});

test('a line is trimmed, counts characters, and is not empty', () => {
  expect(line.parse('  a b ')).toBe('a b');
  expect(line.parse('🦊'.repeat(5))).toBe('🦊'.repeat(5));
  for (const text of ['', '   ', 'a\nb', 'a\tb']) expect(line.safeParse(text).success).toBe(false);
});

test('prose may be empty and have lines', () => {
  expect(prose.parse('')).toBe('');
  expect(prose.parse('a\n\tb')).toBe('a\n\tb');
});

test('texts for people are NFC, exact text is as it came', () => {
  const decomposed = 'e\u0301';
  expect([line.parse(decomposed), prose.parse(decomposed)]).toEqual(['é', 'é']);
  expect(exact.parse(decomposed)).toBe(decomposed);
});
