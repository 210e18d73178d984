import { request } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { TestServer } from '../testing/testServer.js';
import { ProblemModel } from './models/problem.js';
import { problemCodes } from './problem.js';
import { routes } from './routes.js';

/**
 * Every route of a whole server, called with what its schemas allow and with what they do not: right types with odd
 * values, wrong types, too much, too little. Ids that the server answered come back in later calls. Nothing may be
 * answered with 500, and every failure is problem details with a code that exists. `FUZZ_RUNS=200` looks longer.
 */
const runs = Number(process.env['FUZZ_RUNS'] ?? 8);

/** What of JSON Schema zod writes. */
interface Schema {
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly type?: string | readonly string[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  /** Of a tuple, false: nothing after its parts. */
  readonly items?: Schema | false;
  readonly prefixItems?: readonly Schema[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

interface Parameter {
  readonly in: string;
  readonly name: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** Texts that have broken programs before. */
const hostileText = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    'null',
    '../../etc/passwd',
    "' OR 1=1 --",
    '%00%ff',
    '\u202e\ufeff',
    '🦊'.repeat(50),
    'a'.repeat(5_000),
    '{{7*7}}',
    '__proto__',
    'constructor',
    '1e999',
    '-0',
    '9007199254740993',
  ),
  fc.string({ unit: 'binary', maxLength: 60 }),
);

const hostile = fc.oneof(
  hostileText,
  fc.constantFrom(null, true, -1, 0, 1.5, 1e300, Number.MAX_SAFE_INTEGER, [], {}, [[]], { __proto__: null }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Values of a schema; of a wild one now and then something that is none. */
class Arbitraries {
  readonly #schemas: OpenApi['components']['schemas'];
  readonly #ids: readonly string[];
  readonly #wild: boolean;

  constructor(document: OpenApi, ids: readonly string[], wild: boolean) {
    this.#schemas = document.components.schemas;
    this.#ids = ids;
    this.#wild = wild;
  }

  of(schema: Schema, depth = 0): fc.Arbitrary<unknown> {
    if (!this.#wild) return this.#proper(schema, depth);
    return fc.oneof(
      { weight: 12, arbitrary: this.#proper(schema, depth) },
      { weight: 1, arbitrary: hostile },
    );
  }

  /** Something that exists, for each name. */
  known(names: readonly string[]): fc.Arbitrary<Record<string, unknown>> {
    return fc.record(Object.fromEntries(names.map((name) => [name, fc.constantFrom(...this.#ids)])));
  }

  #proper(schema: Schema, depth: number): fc.Arbitrary<unknown> {
    if (schema.$ref !== undefined)
      return this.#proper(this.#schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, depth);
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices !== undefined) return fc.oneof(...choices.map((choice) => this.#proper(choice, depth)));
    if (schema.allOf !== undefined) return this.#proper(Object.assign({}, ...schema.allOf) as Schema, depth);
    if ('const' in schema) return fc.constant(schema.const);
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
    const type = typeof schema.type === 'object' ? schema.type[0] : schema.type;
    switch (type) {
      case 'string':
        return this.#text(schema);
      case 'integer':
        return fc.integer({
          min: Math.max(schema.minimum ?? -1_000_000, -(2 ** 31)),
          max: Math.min(schema.maximum ?? 1_000_000, 2 ** 31 - 1),
        });
      case 'number':
        return fc.double({ min: schema.minimum ?? -1e6, max: schema.maximum ?? 1e6, noNaN: true });
      case 'boolean':
        return fc.boolean();
      case 'null':
        return fc.constant(null);
      case 'array':
        if (schema.prefixItems !== undefined) {
          return fc.tuple(...schema.prefixItems.map((item) => this.of(item, depth + 1)));
        }
        return fc.array(this.of(schema.items === false ? {} : (schema.items ?? {}), depth + 1), {
          minLength: Math.min(schema.minItems ?? 0, 3),
          maxLength: Math.max(Math.min(schema.maxItems ?? 3, 3), Math.min(schema.minItems ?? 0, 3)),
        });
      case 'object':
        return this.#record(schema, depth);
      default:
        return fc.jsonValue({ maxDepth: 2 });
    }
  }

  #text({ pattern, minLength = 0, maxLength = 40 }: Schema): fc.Arbitrary<string> {
    const known = this.#ids.length === 0 ? [] : [fc.constantFrom(...this.#ids)];
    const addresses = fc.constantFrom(
      '10.1.2.0/24',
      '192.0.2.1',
      'fd00::/64',
      '10.89.0.9',
      '0.0.0.0/0',
      'example.org',
    );
    const free =
      // fast-check makes no texts of patterns that look ahead.
      pattern === undefined || pattern.includes('(?')
        ? fc.string({ minLength, maxLength: Math.min(maxLength, 40) })
        : fc.stringMatching(new RegExp(pattern)).map((text) => text.slice(0, 200));
    return fc.oneof(free, addresses, ...known);
  }

  #record({ properties = {}, required = [] }: Schema, depth: number): fc.Arbitrary<unknown> {
    const model = Object.fromEntries(
      Object.entries(properties).map(([name, schema]) => [name, this.of(schema, depth + 1)]),
    );
    const requiredKeys = required.filter((name) => name in model);
    if (!this.#wild) return fc.record(model, { requiredKeys });
    return fc.oneof(
      { weight: 10, arbitrary: fc.record(model, { requiredKeys }) },
      { weight: 1, arbitrary: fc.record(model, { requiredKeys: [] }) },
      {
        weight: 1,
        arbitrary: fc.record<Record<string, unknown>>(
          { ...model, unknown: fc.jsonValue() },
          { requiredKeys: [...requiredKeys, 'unknown'] },
        ),
      },
    );
  }
}

interface Call {
  readonly url: string;
  readonly body: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** Calls of an operation. */
function callsOf(path: string, operation: Operation, arbitraries: Arbitraries): fc.Arbitrary<Call> {
  const parameters = operation.parameters ?? [];
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const inQuery = parameters.filter((parameter) => parameter.in === 'query');
  const schema = operation.requestBody?.content['application/json']?.schema;
  const valuesOf = (
    chosen: readonly Parameter[],
    requiredKeys: readonly string[],
  ): fc.Arbitrary<Record<string, unknown>> =>
    fc.record(Object.fromEntries(chosen.map((each) => [each.name, arbitraries.of(each.schema)])), {
      requiredKeys: [...requiredKeys],
    });
  const names = inPath.map(({ name }) => name);
  const headers = fc.oneof(
    { weight: 4, arbitrary: fc.constant({}) },
    fc.constantFrom({ 'if-match': '"1"' }, { 'if-match': 'W/"x"' }, { 'if-match': '"2", "3"' }),
    fc.constantFrom(
      { 'idempotency-key': 'a key that is none' },
      { 'idempotency-key': 'the-same-key-each-time' },
    ),
  );
  return fc
    .tuple(
      fc.oneof(valuesOf(inPath, names), arbitraries.known(names)),
      valuesOf(inQuery, []),
      schema === undefined ? fc.constant(null) : arbitraries.of(schema).map((body) => JSON.stringify(body)),
      headers,
    )
    .map(([params, query, body, extra]) => ({
      url: `${path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(textOf(params[name])) || '%20')}${searchOf(query)}`,
      body,
      headers: { ...extra },
    }));
}

function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // A lone surrogate is no text that a URL can carry.
  return Buffer.from(text).toString();
}

function searchOf(query: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(query).map(([name, value]) => [name, textOf(value)] as [string, string]);
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

function send(server: TestServer, method: string, { url, body, headers }: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request({
      socketPath: server.running.adminSocket,
      method,
      path: url,
      agent: false,
      timeout: 20_000,
      headers: {
        host: 'localhost',
        ...headers,
        ...(body === null ? {} : { 'content-type': 'application/json' }),
      },
    });
    call.on('timeout', () => call.destroy(new Error(`no answer to ${method} ${url}`)));
    call.on('error', reject);
    call.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          body: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    call.end(body ?? undefined);
  });
}

const identified = z.looseObject({ id: z.string() });

/** Ids anywhere in an answer. */
function idsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { data } = identified.safeParse(value);
  return [...(data === undefined ? [] : [data.id]), ...Object.values(value).flatMap(idsIn)];
}

let server: TestServer;
let document: OpenApi;
const ids: string[] = [];

beforeAll(async () => {
  server = await TestServer.start();
  await server.addClient('alice');
  ids.push('alice', 'default');
  document = (await server.call('GET', '/api/openapi.json')).body as OpenApi;
}, 30_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
}, 30_000);

const streams = new Set(routes.filter((route) => route.streams).map((route) => route.operationId));
const operations = routes
  .filter(({ operationId }) => !streams.has(operationId) && !['getOpenApi', 'getPage'].includes(operationId))
  // What makes something first, so that there is something to look at and to change.
  .sort((one, other) => order(one.method) - order(other.method));

function order(method: string): number {
  return ['POST', 'PUT', 'PATCH', 'GET', 'DELETE'].indexOf(method);
}

describe('never 500, always problem details', () => {
  test.each(operations.map(({ method, path }) => [method, path] as const))(
    '%s %s',
    async (method, path) => {
      const pattern = path.replaceAll(/:(\w+)/g, '{$1}');
      const operation = document.paths[pattern]?.[method.toLowerCase()];
      if (operation === undefined) throw new Error('not in the document');
      const calls = fc.oneof(
        callsOf(pattern, operation, new Arbitraries(document, ids, false)),
        callsOf(pattern, operation, new Arbitraries(document, ids, true)),
      );
      await fc.assert(
        fc.asyncProperty(calls, async (call) => {
          const answer = await send(server, method, call);
          if (answer.status >= 400) {
            const { code, status } = ProblemModel.parse(JSON.parse(answer.body));
            expect(answer.type).toMatch(/^application\/problem\+json/);
            expect(status).toBe(answer.status);
            expect(problemCodes).toContain(code);
            expect(answer.status).not.toBe(500);
            return;
          }
          expect(Object.keys(operation.responses)).toContain(String(answer.status));
          if (answer.body === '' || answer.status === 303) return;
          ids.push(...idsIn(JSON.parse(answer.body)));
          // The last ones are enough.
          ids.splice(0, ids.length - 200);
        }),
        { numRuns: runs, endOnFailure: true },
      );
    },
    120_000,
  );
});

test('nothing of all that was a bug: no request failed in the log', () => {
  expect(server.logs.filter(({ msg }) => msg === 'a request failed')).toEqual([]);
});
