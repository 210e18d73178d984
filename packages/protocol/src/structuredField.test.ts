import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTrue, parseList } from './structuredField.js';

describe('isTrue (CIP-312)', () => {
  it.each([
    ['?1', true],
    [' ?1 ', true],
    ['?1;x=y', true],
    ['?1; x="a;b,c"', true],
    ['?0', false],
    ['1', false],
    ['"?1"', false],
    ['?1, ?1', false],
    ['?1,', false],
    ['?1 x', false],
    ['?1;', false],
    ['?1;X=y', false],
    ['?2', false],
    ['true', false],
    ['', false],
  ])('"%s" is %s', (line, expected) => {
    expect(isTrue([line])).toBe(expected);
  });

  it('counts two lines, or none, as absent', () => {
    expect(isTrue(['?1', '?1'])).toBe(false);
    expect(isTrue([])).toBe(false);
  });
});

describe('parseList', () => {
  it('reads tokens, strings and parameters', () => {
    expect(parseList('p; error=dns_error; details="no \\"such\\" name", q;a;n=1.5')).toEqual([
      {
        value: 'p',
        parameters: new Map([
          ['error', 'dns_error'],
          ['details', 'no "such" name'],
        ]),
      },
      {
        value: 'q',
        parameters: new Map<string, string | boolean>([
          ['a', true],
          ['n', '1.5'],
        ]),
      },
    ]);
  });

  it.each(['p;', 'p,', ',p', 'p q', '"open', '(a b)', 'p;=1', '\u00e9'])('refuses "%s"', (line) => {
    expect(parseList(line)).toBeNull();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (line) => {
        parseList(line);
      }),
    );
  });
});
