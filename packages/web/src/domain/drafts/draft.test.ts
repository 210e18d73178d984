import { expect, test } from 'vitest';
import { differing, rebase } from './draft.js';

const base = { name: 'Ann', note: 'old', expiry: '' };

test('what was typed stays when somebody else saved first, and the rest follows them', () => {
  const typed = { ...base, note: 'mine' };
  const { fields } = rebase(base, typed, { name: 'Anna', note: 'theirs', expiry: '' });
  expect(fields).toEqual({ name: 'Anna', note: 'mine', expiry: '' });
});

test('each change of theirs is told, and whether saving undoes it', () => {
  const typed = { ...base, note: 'mine' };
  const { changes } = rebase(base, typed, { name: 'Anna', note: 'theirs', expiry: '' });
  expect(changes).toEqual([
    { name: 'name', before: 'Ann', now: 'Anna', contested: false },
    { name: 'note', before: 'old', now: 'theirs', contested: true },
  ]);
});

test('two who typed the same do not contest it', () => {
  const typed = { ...base, note: 'same' };
  expect(rebase(base, typed, typed).changes).toMatchObject([{ name: 'note', contested: false }]);
});

test('only fields that differ are sent', () => {
  expect(differing(base, { ...base, expiry: '2026-01-01' })).toEqual(['expiry']);
});
