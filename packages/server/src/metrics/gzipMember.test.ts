import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Compressor, gzipMember } from './gzipMember.js';

async function* each(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

const compressor = new Compressor();

async function packed(chunks: readonly Buffer[]): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of gzipMember(compressor, each(chunks))) parts.push(part);
  return Buffer.concat(parts);
}

test('any chunks become one member that unpacks to all of them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 2_000 }), { maxLength: 12 }), async (arrays) => {
      const chunks = arrays.map((bytes) => Buffer.from(bytes));
      expect(gunzipSync(await packed(chunks))).toEqual(Buffer.concat(chunks));
    }),
    { numRuns: 50 },
  );
});

test('a chunk that comes again, anywhere, is the same bytes again', async () => {
  const [first, second] = [Buffer.from('a'.repeat(50_000)), Buffer.from('b'.repeat(40_000))];
  const once = await packed([first, second]);
  expect((await packed([first, second])).equals(once)).toBe(true);
  const more = [second, first, second];
  expect(gunzipSync(await packed(more)).equals(Buffer.concat(more))).toBe(true);
  expect(once.length).toBeLessThan(1_000);
});

test('a member is as long as its chunks want', async () => {
  const chunks = Array.from({ length: 40 }, (_, index) => Buffer.from(`chunk ${index}\n`.repeat(6_000)));
  expect(gunzipSync(await packed(chunks)).equals(Buffer.concat(chunks))).toBe(true);
});

test('members that are made at the same time do not mix', async () => {
  // Random, so that it does not become small.
  const random = (seed: number): Buffer =>
    Buffer.from(
      fc.sample(fc.uint8Array({ minLength: 90_000, maxLength: 100_000 }), { seed, numRuns: 1 })[0] ?? [],
    );
  const members = [1, 2, 3].map((seed) => [random(seed), random(seed + 10), Buffer.from(`member ${seed}`)]);
  const results = await Promise.all(members.map((chunks) => packed(chunks)));
  for (const [index, result] of results.entries()) {
    expect(gunzipSync(result).equals(Buffer.concat(members[index] ?? []))).toBe(true);
  }
});
