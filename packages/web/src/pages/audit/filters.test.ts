import { expect, test } from 'vitest';
import { exportPath, noFilters, queryOf } from './filters.js';

test('filters that are not set are not sent', () => {
  expect(queryOf(noFilters)).toEqual({});
  expect(exportPath(noFilters)).toBe('/api/v1/audit/export');
});

test('times are of the reader’s clock, and a noun means all its actions', () => {
  const from = '2026-11-22T20:00';
  expect(queryOf({ ...noFilters, about: 'client', from, until: 'yesterday' })).toEqual({
    action: 'client.',
    fromMs: new Date(2026, 10, 22, 20).getTime(),
  });
});

test('what is downloaded is what is shown', () => {
  expect(exportPath({ ...noFilters, actor: 'a b&c' })).toBe('/api/v1/audit/export?actor=a+b%26c');
});
