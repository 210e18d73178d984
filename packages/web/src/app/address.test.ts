import { expect, test } from 'vitest';
import { readAddress, writeAddress } from './address.js';

const defaults = { state: 'all', q: '' };

test('what the address does not say is as usual', () => {
  expect(readAddress({ q: 'alice' }, defaults)).toEqual({ state: 'all', q: 'alice' });
});

test('a name that stands twice in the address is as usual', () => {
  expect(readAddress({ q: ['a', 'b'] }, defaults)).toEqual({ state: 'all', q: '' });
});

test('what is as usual is not written, and what belongs to others stays', () => {
  expect(writeAddress({ q: 'alice', tab: 'one' }, { state: 'open', q: '' }, defaults)).toEqual({
    tab: 'one',
    state: 'open',
  });
});
