import { expect, test } from 'vitest';
import { effectiveLimits } from './limits.js';
import { bookOf } from './testing/memoryPolicy.js';

const none = { rateUp: null, rateDown: null, monthlyQuota: null, maxSessions: null, routes: null, dns: null };

test('a limit of the client counts, else that of the first of its groups that sets one', async () => {
  const book = await bookOf({
    members: { alice: ['zoo', 'apes'] },
    groups: {
      apes: { rateUp: 1, routes: ['10.0.0.0/8'] },
      zoo: { rateUp: 2, rateDown: 3, maxSessions: 4 },
      others: { monthlyQuota: 5 },
    },
  });
  expect(effectiveLimits({ ...none, maxSessions: 9 }, book.groupsOf('alice'))).toEqual({
    ...none,
    rateUp: 1,
    rateDown: 3,
    maxSessions: 9,
    routes: ['10.0.0.0/8'],
  });
  expect(effectiveLimits(none, book.groupsOf('bob'))).toEqual(none);
});
