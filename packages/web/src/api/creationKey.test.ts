import { expect, test } from 'vitest';
import { CreationKey } from './creationKey.js';

test('the same content sent again is the same request, other content another', () => {
  const key = new CreationKey();
  const first = key.header({ name: 'a' });
  expect(key.header({ name: 'a' })).toEqual(first);
  const second = key.header({ name: 'b' });
  expect(second).not.toEqual(first);
  expect(key.header({ name: 'a' })).not.toEqual(first);
});

test('a form that is opened anew sends another request, whatever it says', () => {
  const key = new CreationKey();
  const first = key.header({});
  key.renew();
  expect(key.header({})).not.toEqual(first);
});
