import { expect, test } from 'vitest';
import { fieldsOf, writeValue, type ValueWords } from './changes.js';

const words: ValueWords = {
  none: 'nothing',
  yes: 'yes',
  no: 'no',
  bytes: (octets) => `${octets} bytes`,
  rate: (rate) => `${rate}/s`,
  moment: (at) => `at ${at}`,
  list: (items) => items.join('+'),
};

test('a change has what was before and after, other detail has its value', () => {
  const detail = { groups: { from: [], to: ['staff'] }, certificateSha256: 'ab', enrolment: null };
  expect(fieldsOf(detail, [])).toEqual([
    { name: 'groups', kind: 'plain', before: [], value: ['staff'] },
    { name: 'certificateSha256', kind: 'plain', value: 'ab' },
  ]);
});

test('what the sentence told is left out', () => {
  expect(fieldsOf({ host: 'example.org', enabled: true }, ['host'])).toEqual([
    { name: 'enabled', kind: 'plain', value: true },
  ]);
});

test.each([
  [5, 'bytes', '5 bytes'],
  [5, 'rate', '5/s'],
  [5, 'moment', 'at 5'],
  [6, 'protocol', 'TCP'],
  [47, 'protocol', '47'],
  ['ab'.repeat(32), 'plain', 'abababababababab…'],
  [{ kind: 'group', id: '01a204fe-0801-700c-abe7-eb1b260a9b52' }, 'plain', 'group …260a9b52'],
  [null, 'bytes', 'nothing'],
  [false, 'plain', 'no'],
  [[], 'plain', 'nothing'],
  [['a', 'b'], 'plain', 'a+b'],
  [
    [
      [22, 22],
      [80, 90],
    ],
    'ports',
    '22+80–90',
  ],
  [{ kind: 'prefixes', prefixes: ['10.0.0.0/8'] }, 'plain', 'prefixes 10.0.0.0/8'],
  [{ servers: ['10.0.0.1'] }, 'plain', '{"servers":["10.0.0.1"]}'],
] as const)('%j as %s reads %s', (value, kind, text) => {
  expect(writeValue(value, kind, words)).toBe(text);
});
