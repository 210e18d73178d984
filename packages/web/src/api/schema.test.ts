import { readFile } from 'node:fs/promises';
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';

/** The types that pages use are those of the API as it is documented; `npm run docs:generate` writes them. */
test('schema.d.ts is what docs/openapi.json says', async () => {
  const document = new URL('../../../../docs/openapi.json', import.meta.url);
  const types = await openapiTS(JSON.parse(await readFile(document, 'utf8')) as OpenAPI3);
  const path = new URL('schema.d.ts', import.meta.url).pathname;
  const text = `// Generated from docs/openapi.json: npm run docs:generate.\n${astToString(types)}`;
  await expect(await format(text, { ...(await resolveConfig(path)), filepath: path })).toMatchFileSnapshot(
    path,
  );
}, 60_000);
