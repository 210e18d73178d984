import { expect, test } from 'vitest';
import { Turnstile } from './turnstile.js';

/** A work that ends when it is told to. */
class Work {
  started = false;
  end: (fail?: boolean) => void = () => undefined;
  readonly #ended = new Promise<string>((resolve, reject) => {
    this.end = (fail = false) => (fail ? reject(new Error('failed')) : resolve('done'));
  });

  readonly run = (): Promise<string> => {
    this.started = true;
    return this.#ended;
  };
}

test('no more run at a time than may, the others wait in order', async () => {
  const turnstile = new Turnstile(2, 10);
  const works = [new Work(), new Work(), new Work(), new Work()];
  const passes = works.map((each) => turnstile.pass(each.run));
  expect(works.map(({ started }) => started)).toEqual([true, true, false, false]);
  works[0]?.end();
  await passes[0];
  await Promise.resolve();
  expect(works.map(({ started }) => started)).toEqual([true, true, true, false]);
  for (const each of works) each.end();
  expect(await Promise.all(passes)).toEqual(works.map(() => ({ ok: true, value: 'done' })));
});

test('who comes when too many wait is sent away at once', async () => {
  const turnstile = new Turnstile(1, 1);
  const first = new Work();
  const second = new Work();
  const passes = [turnstile.pass(first.run), turnstile.pass(second.run)];
  expect(await turnstile.pass(new Work().run)).toEqual({ ok: false, error: 'full' });
  first.end();
  second.end();
  await Promise.all(passes);
  expect(await turnstile.pass(async () => 'again')).toEqual({ ok: true, value: 'again' });
});

test('a work that fails gives its place to the next', async () => {
  const turnstile = new Turnstile(1, 1);
  const first = new Work();
  const failing = turnstile.pass(first.run);
  const waiting = turnstile.pass(async () => 'next');
  first.end(true);
  await expect(failing).rejects.toThrow('failed');
  expect(await waiting).toEqual({ ok: true, value: 'next' });
});
