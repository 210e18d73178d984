import { expect, test } from 'vitest';
import { ApiProblem, problemOf, readProblem } from './problem.js';

const answered = (body: string, init: ResponseInit): Promise<ApiProblem> =>
  readProblem(new Response(body, init));

test('a problem keeps its code, its words and when to try again', async () => {
  const problem = await answered(JSON.stringify({ code: 'API_RATE_LIMITED', detail: 'later' }), {
    status: 429,
    headers: { 'retry-after': '7' },
  });
  expect(problem).toMatchObject({
    code: 'API_RATE_LIMITED',
    detail: 'later',
    status: 429,
    retryAfterSeconds: 7,
  });
  expect(problem.passing).toBe(true);
});

test.each(['<html>bad gateway</html>', '', 'null', '[]', '{"code":5}'])(
  'what somebody in between answered is one too: %j',
  async (body) => {
    const problem = await answered(body, { status: 502, statusText: 'Bad Gateway' });
    expect([problem.code, problem.detail]).toEqual(['ANSWER_UNREADABLE', 'Bad Gateway']);
  },
);

test('a refusal does not pass by itself', async () => {
  expect((await answered('{"code":"API_FORBIDDEN"}', { status: 403 })).passing).toBe(false);
});

test('a mistake of the page itself is no problem of the API', () => {
  expect(() => problemOf(new TypeError('x is not a function'))).toThrow(TypeError);
});
