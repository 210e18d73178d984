import { expect, test } from 'vitest';
import { noFilters, queryOf } from './filters.js';

test('only what the API takes is asked for', () => {
  expect(queryOf(noFilters)).toEqual({});
  expect(queryOf({ client: 'alice', state: 'quarantined', family: '6' })).toEqual({
    client: 'alice',
    state: 'quarantined',
    family: '6',
  });
  expect(queryOf({ client: 'Not a name', state: 'stolen', family: '5' })).toEqual({});
});
