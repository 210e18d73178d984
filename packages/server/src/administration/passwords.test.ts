import { hash } from '@node-rs/argon2';
import { describe, expect, test } from 'vitest';
import { Passwords, recommendedCost } from './passwords.js';

const passwords = new Passwords(recommendedCost);
const good = 'correct horse battery';

async function hashed(password: string): Promise<string> {
  const outcome = await passwords.hash(password, 'ann');
  if (!outcome.ok) throw new Error(outcome.error.code);
  return outcome.value;
}

describe('a password', () => {
  test('is stored as argon2id with 19 MiB, two passes, one lane, and a salt of its own', async () => {
    const first = await hashed(good);
    expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await hashed(good)).not.toBe(first);
  });

  test('is recognised, another is not', async () => {
    const stored = await hashed(good);
    expect(await passwords.check(good, stored)).toEqual({
      ok: true,
      value: { right: true, outdated: false },
    });
    expect(await passwords.check(`${good}!`, stored)).toEqual({
      ok: true,
      value: { right: false, outdated: false },
    });
    expect(await passwords.check('', stored)).toMatchObject({ value: { right: false } });
  });

  test('is the same however a keyboard composes its letters', async () => {
    const stored = await hashed('caf\u00e9 caf\u00e9 caf\u00e9');
    expect(await passwords.check('cafe\u0301 cafe\u0301 cafe\u0301', stored)).toMatchObject({
      value: { right: true },
    });
  });

  test('of nobody is never right, whatever it is', async () => {
    expect(await passwords.check(good, null)).toEqual({ ok: true, value: { right: false, outdated: false } });
  });

  test('that was hashed with weaker parameters is noticed', async () => {
    const old = await hash(good, { memoryCost: 8_192, timeCost: 1, parallelism: 1 });
    expect(await passwords.check(good, old)).toEqual({ ok: true, value: { right: true, outdated: true } });
  });

  test.each([
    ['eleven char', 'too short'],
    ['x'.repeat(257), 'too long'],
    ['aaaaaaaaaaaaaaaa', 'one letter'],
    ['abababababababab', 'two letters'],
    ['annelieseanneliese', 'the name twice'],
    ['AnnelieseAnne', 'little beside the name'],
  ])('%j is refused: %s', async (password) => {
    expect(await passwords.hash(password, 'anneliese')).toMatchObject({
      error: { code: 'PASSWORD_TOO_WEAK' },
    });
  });

  test('a longer one than any stored is wrong, even if its beginning is right', async () => {
    const longest = `${good} `.repeat(11) + 'x'.repeat(14);
    expect(longest).toHaveLength(256);
    const stored = await hashed(longest);
    expect(await passwords.check(`${longest}y`, stored)).toMatchObject({ value: { right: false } });
  });
});

test('a flood of logins fills a queue, not the server', async () => {
  const outcomes = await Promise.all(Array.from({ length: 40 }, () => passwords.check(good, null)));
  const refused = outcomes.filter(({ ok }) => !ok);
  expect(refused).toHaveLength(40 - 2 - 24);
  expect(refused[0]).toMatchObject({ error: { code: 'LOGIN_OVERLOADED', retryAfterSeconds: 5 } });
});
