import { expect, it } from 'vitest';
import { describeStores } from './testing/temporaryStore.js';

describeStores('a transaction', (open) => {
  it('happens as a whole', async () => {
    await using temporary = await open();
    const { store } = temporary;
    const client = await store.atomically(async ({ clients, settings }) => {
      await settings.set('made', 'yes');
      return clients.create({ slug: 'alice', now: 1 });
    });
    expect(client).toMatchObject({ slug: 'alice' });
    expect(await store.settings.get('made')).toBe('yes');
  });

  it('leaves nothing when it throws, and throws the same', async () => {
    await using temporary = await open();
    const { store } = temporary;
    const failure = new Error('changed my mind');
    const work = store.atomically(async ({ settings }) => {
      await settings.set('made', 'yes');
      throw failure;
    });
    await expect(work).rejects.toBe(failure);
    expect(await store.settings.get('made')).toBeNull();
    await store.settings.set('made', 'later');
    expect(await store.settings.get('made')).toBe('later');
  });

  it('sees what it wrote itself; others see it when it is over', async () => {
    await using temporary = await open();
    const { store } = temporary;
    await store.atomically(async ({ settings }) => {
      await settings.set('made', 'yes');
      expect(await settings.get('made')).toBe('yes');
    });
    expect(await store.settings.get('made')).toBe('yes');
  });

  it('runs as if alone: of many that count up none is lost', async () => {
    await using temporary = await open();
    const { store } = temporary;
    await store.settings.set('count', '0');
    const increments = Array.from({ length: 12 }, () =>
      store.atomically(async ({ settings }) => {
        const count = Number(await settings.get('count'));
        await settings.set('count', String(count + 1));
        return count + 1;
      }),
    );
    expect((await Promise.all(increments)).toSorted((a, b) => a - b)).toEqual(
      increments.map((_, index) => index + 1),
    );
    expect(await store.settings.get('count')).toBe('12');
  });

  it('that uses the store itself fails at once instead of waiting for itself', async () => {
    await using temporary = await open();
    const { store } = temporary;
    const waiting = store.atomically(() => store.settings.get('count'));
    await expect(waiting).rejects.toThrow('use the repositories it was given');
    const nested = store.atomically(() => store.atomically(() => Promise.resolve()));
    await expect(nested).rejects.toThrow('use the repositories it was given');
    expect(await store.settings.get('count')).toBeNull();
  });
});
