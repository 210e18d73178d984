import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { routes } from './routes.js';
import { outcomeOf, TestApi } from './testing/testApi.js';

/** What of an OpenAPI document says how to call a route. */
const Operation = z.object({
  operationId: z.string(),
  parameters: z
    .array(
      z.object({
        in: z.string(),
        name: z.string(),
        schema: z.object({ pattern: z.string().optional() }),
      }),
    )
    .default([]),
  requestBody: z.unknown().optional(),
});
const Document = z.object({ paths: z.record(z.string(), z.record(z.string(), Operation)) });

let api: TestApi;
let operations: ReadonlyMap<string, z.infer<typeof Operation>>;
beforeAll(async () => {
  api = await TestApi.open();
  const { paths } = Document.parse((await api.call('GET', '/api/openapi.json', { on: api.onSocket })).json());
  const all = Object.values(paths).flatMap((path) => Object.values(path));
  operations = new Map(all.map((operation) => [operation.operationId, operation]));
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

/** The document does not say how it is called itself, nor the pages of the web interface. */
const described = routes.filter(({ operationId }) => !['getOpenApi', 'getPage'].includes(operationId));

/** Values for path parameters: whatever their schema is, one of them is right. */
const values = [
  'alice',
  '10.0.0.1',
  'a'.repeat(64),
  '0190b5c2-7d0e-7c3a-8b5e-2f9d3c1a4e6f',
  '2026-01',
  '2026-01-01',
];

const unprintable = fc
  .tuple(
    fc.string({ maxLength: 5 }),
    fc.constantFrom('\u0000', '\u0001', '\b', '\u001b', '\u007f', '\u0085', '\ud800', '\udfff'),
    fc.string({ maxLength: 5 }),
  )
  .map((parts) => parts.join(''));

/** JSON with such a text somewhere. */
const unprintableJson = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    unprintable,
    fc.array(tie('value'), { minLength: 1, maxLength: 2 }),
    fc.dictionary(fc.constantFrom('note', 'items', 'name', 'limits'), tie('value'), { minKeys: 1 }),
    unprintable.map((name) => ({ [name]: 1 })),
  ),
})).value;

const refused = {
  code: 'API_REQUEST_INVALID',
  detail: expect.stringContaining('must not hold control characters') as unknown,
};

function pathOf(route: (typeof routes)[number]): string {
  const parameters = operations.get(route.operationId)?.parameters ?? [];
  return route.path.replaceAll(/:(\w+)/g, (_, name: string) => {
    const pattern = parameters.find((each) => each.in === 'path' && each.name === name)?.schema.pattern;
    const value = values.find((each) => pattern === undefined || new RegExp(pattern, 'u').test(each));
    if (value === undefined) throw new Error(`no value for ${route.path}`);
    return value;
  });
}

describe('text that nobody could have meant is refused', () => {
  test.each(described.map((route) => [route.operationId, route] as const))('by %s', async (id, route) => {
    const operation = operations.get(id);
    if (operation === undefined) throw new Error('not in the document');
    const { parameters, requestBody } = operation;
    const path = pathOf(route);
    const ask = async (url: string, body?: object): Promise<unknown> => {
      const options = { on: api.onSocket, ...(body === undefined ? {} : { body }) };
      return (await api.call(route.method, url, options)).json();
    };
    if (requestBody !== undefined) {
      const body = unprintableJson.map((value) => ({ value }));
      await fc.assert(
        fc.asyncProperty(body, async (each) => {
          expect(await ask(path, each)).toMatchObject(refused);
        }),
        { numRuns: 20 },
      );
    }
    // What a URL cannot carry at all is no question here.
    for (const { name } of parameters.filter((parameter) => parameter.in === 'query')) {
      expect(await ask(`${path}?${name}=a%00b`)).toMatchObject(refused);
    }
    if (path !== route.path) {
      const url = route.path.replaceAll(/:\w+/g, 'a%00b');
      expect(await ask(url)).toMatchObject(refused);
    }
  });

  test('with its place', async () => {
    const body = { name: 'alice', groups: ['a', 'b\u0000'] };
    const answer = await api.call('POST', '/api/v1/clients', { on: api.onSocket, body });
    expect(answer.json()).toMatchObject({ detail: 'groups.1: must not hold control characters' });
  });

  test('also in a cursor', async () => {
    const cursor = Buffer.from(JSON.stringify(['\u0000'])).toString('base64url');
    const answer = await api.call('GET', `/api/v1/administrators?cursor=${cursor}`, { on: api.onSocket });
    expect(outcomeOf(answer)).toBe('API_REQUEST_INVALID');
  });

  test('however deep it is', async () => {
    const depth = 30_000;
    const body = `{"name":${'['.repeat(depth)}"\\u0000"${']'.repeat(depth)}}`;
    const answer = await api.call('POST', '/api/v1/clients', { on: api.onSocket, body });
    expect(answer.json()).toMatchObject({ code: 'API_REQUEST_INVALID' });
  });
});

test('ends of lines and tabs are text, like letters of every script', async () => {
  const csrPem = 'not\r\n\ta request';
  const body = { name: 'alice', displayName: 'הטלפון של דנה 🦊', note: 'a\n\tb', csrPem, admin: true };
  const answer = await api.call('POST', '/api/v1/clients', { on: api.onSocket, body });
  // Nothing but the field that does not exist.
  expect(answer.json()).toMatchObject({
    detail: expect.stringMatching(/^\W*Unrecognized key: "admin"$/) as unknown,
  });
});
