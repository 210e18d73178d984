import { beforeEach, expect, test } from 'vitest';
import type { SessionRefusal } from '../store/sessionHistory.js';
import { RefusalRecorder } from './refusalRecorder.js';

const minute = 60_000;
let written: SessionRefusal[];
let recorder: RefusalRecorder;

const refuse = (clientId: string, atMs: number) =>
  recorder.refused({ clientId, code: 'LIMIT_PER_CLIENT', remoteAddress: '192.0.2.1:9', atMs });

beforeEach(() => {
  written = [];
  recorder = new RefusalRecorder({ refused: (refusal) => written.push(refusal) }, (slug) =>
    slug === 'stranger' ? null : { uuid: `uuid-${slug}` },
  );
});

test('records who was refused, and why', () => {
  refuse('alice', 1_000);
  expect(written).toMatchObject([
    { clientUuid: 'uuid-alice', clientSlug: 'alice', refusal: 'LIMIT_PER_CLIENT', startedAt: 1_000 },
  ]);
});

test('a client that asks again and again fills nothing: ten at once, then one a minute', () => {
  for (let index = 0; index < 1_000; index += 1) refuse('alice', index);
  expect(written).toHaveLength(10);
  refuse('alice', minute - 1);
  expect(written).toHaveLength(10);
  for (let index = 0; index < 100; index += 1) refuse('alice', 3 * minute);
  expect(written).toHaveLength(13);
  refuse('bob', 3 * minute);
  expect(written).toHaveLength(14);
});

test('nobody’s requests are not recorded', () => {
  refuse('stranger', 1);
  expect(written).toEqual([]);
});

test('clients that were refused long ago are forgotten', () => {
  for (let index = 0; index <= 10_000; index += 1) refuse(`client-${index}`, 0);
  refuse('last', 10 * minute);
  expect(recorder.size).toBe(1);
});
