import { expect, it } from 'vitest';
import { temporaryStore } from './testing/temporaryStore.js';

it('authorities live from the oldest to the newest until they retire, and lose their key then', async () => {
  await using temporary = await temporaryStore();
  const { authorities } = temporary.store;
  const authority = (sha256: string, createdAt: number) => ({
    ...{ sha256, createdAt },
    ...{ certificatePem: 'C', encryptedKeyPem: 'K' },
  });
  await authorities.insert(authority('new', 2_000));
  await authorities.insert(authority('old', 1_000));
  expect(await authorities.live()).toEqual([
    { ...authority('old', 1_000), retiredAt: null },
    { ...authority('new', 2_000), retiredAt: null },
  ]);
  expect(await authorities.retire('old', 3_000)).toBe(true);
  expect(await authorities.retire('old', 4_000)).toBe(false);
  expect(await authorities.live()).toMatchObject([{ sha256: 'new', encryptedKeyPem: 'K' }]);
  expect(await authorities.list()).toMatchObject([
    { sha256: 'new' },
    { sha256: 'old', encryptedKeyPem: null, retiredAt: 3_000 },
  ]);
});

it('of several servers that establish a setting all get the first value', async () => {
  await using temporary = await temporaryStore();
  const { settings } = temporary.store;
  expect(await settings.establish('salt', 'a')).toBe('a');
  expect(await settings.establish('salt', 'b')).toBe('a');
});
