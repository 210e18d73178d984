import { expect, test } from 'vitest';
import { clientQuery, sortedBy, usualFilters } from './filters.js';

test('asks for all clients by name when the address says nothing', () => {
  expect(clientQuery(usualFilters)).toEqual({ limit: 200, sort: 'id', order: 'asc' });
});

test('an offline client is one that could be online', () => {
  expect(clientQuery({ ...usualFilters, state: 'offline' })).toMatchObject({
    online: 'false',
    enabled: 'true',
  });
});

test('what an address says that the API would refuse is left out', () => {
  const query = clientQuery({ q: ' x ', group: 'No Such', state: 'what', sort: 'size', order: 'up' });
  expect(query).toEqual({ limit: 200, q: 'x', sort: 'id', order: 'asc' });
  expect(clientQuery({ ...usualFilters, q: 'x'.repeat(300) }).q).toHaveLength(200);
});

test('a second press on a heading turns the order round', () => {
  const first = { ...usualFilters, ...sortedBy(usualFilters, 'lastConnectedAt') };
  expect(first).toMatchObject({ sort: 'lastConnectedAt', order: 'desc' });
  expect(sortedBy(first, 'lastConnectedAt').order).toBe('asc');
  expect(sortedBy(usualFilters, 'id').order).toBe('desc');
});
