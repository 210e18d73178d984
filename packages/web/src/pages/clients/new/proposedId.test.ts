import { expect, test } from 'vitest';
import { isClientId, proposedId } from './proposedId.js';

test('writes a name as an id', () => {
  expect(proposedId('Ann’s Laptop (old)')).toBe('anns-laptop-old');
  expect(proposedId('  Zoë_Müller ')).toBe('zoe-muller');
});

test('has nothing to propose for a name without Latin letters', () => {
  expect(proposedId('小王')).toBe('');
});

test('never proposes what the API would refuse', () => {
  for (const name of ['a'.repeat(200), `${'a'.repeat(62)} b`, '-x-', '<b>&amp;</b>']) {
    expect(isClientId(proposedId(name))).toBe(true);
    expect(proposedId(name)).not.toMatch(/-$/);
  }
});
