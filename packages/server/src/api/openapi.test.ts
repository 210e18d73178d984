import { validate } from '@readme/openapi-parser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { routes } from './routes.js';
import { TestApi } from './testing/testApi.js';

const documentSchema = z.looseObject({
  openapi: z.string(),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.looseObject({
        operationId: z.string(),
        summary: z.string(),
        tags: z.array(z.string()),
        responses: z.record(z.string(), z.looseObject({})),
      }),
    ),
  ),
});

let api: TestApi;
let text: string;
let document: z.output<typeof documentSchema>;
beforeAll(async () => {
  api = await TestApi.open();
  text = (await api.call('GET', '/api/openapi.json')).body;
  document = documentSchema.parse(JSON.parse(text));
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

describe('the OpenAPI document', () => {
  test('is valid OpenAPI 3.1', async () => {
    expect(document.openapi).toBe('3.1.0');
    const { valid, ...findings } = await validate(structuredClone(JSON.parse(text)));
    expect(findings).toMatchObject(valid ? {} : { errors: [] });
    expect(valid).toBe(true);
  });

  test('has every route and nothing else', () => {
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const registered = routes
      .filter(({ operationId }) => operationId !== 'getOpenApi' && operationId !== 'getPage')
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect(described.sort()).toEqual(registered.sort());
  });

  test('has a name of its own for every operation', () => {
    const names = routes.map(({ operationId }) => operationId);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test('says that failures are problem details, everywhere', () => {
    for (const operations of Object.values(document.paths)) {
      for (const { responses } of Object.values(operations)) {
        expect(Object.keys(responses)).toEqual(expect.arrayContaining(['4XX', '5XX']));
      }
    }
  });

  test('is docs/openapi.json; "npm run docs:generate" writes it', async () => {
    await expect(`${JSON.stringify(JSON.parse(text), null, 2)}\n`).toMatchFileSnapshot(
      '../../../../docs/openapi.json',
    );
  });
});
