import { fail, ok } from '@masque-vpn/protocol';
import { expect, test } from 'vitest';
import { attempt } from './attempt.js';
import { temporaryStore } from './testing/temporaryStore.js';

test('what succeeds stays, what fails leaves nothing, what throws is thrown', async () => {
  await using temporary = await temporaryStore();
  const { store } = temporary;
  const setting = (value: string) => store.settings.get(value);
  expect(
    await attempt(store, async ({ settings }) => {
      await settings.set('a', '1');
      return ok('done');
    }),
  ).toEqual(ok('done'));
  expect(await setting('a')).toBe('1');
  const failed = await attempt(store, async ({ settings }) => {
    await settings.set('b', '1');
    return fail({ code: 'NO' });
  });
  expect([failed, await setting('b')]).toEqual([fail({ code: 'NO' }), null]);
  const thrown = attempt(store, async ({ settings }) => {
    await settings.set('c', '1');
    throw new TypeError('a bug');
  });
  await expect(thrown).rejects.toThrow('a bug');
  expect(await setting('c')).toBeNull();
});
