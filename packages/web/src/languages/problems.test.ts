import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const server = new URL('../../../server/src/', import.meta.url);
const read = (path: string): Promise<string> => readFile(new URL(path, server), 'utf8');

/** Codes with entries of their own in the tables that the API makes its problem details of. */
async function declaredCodes(): Promise<readonly string[]> {
  const names = (await readdir(new URL('api/problems/', server))).filter((name) => !/test|table/.test(name));
  const tables = await Promise.all(names.map((name) => read(`api/problems/${name}`)));
  return [...tables.join('\n').matchAll(/^ {2}([A-Z][A-Z0-9_]+): /gm)].map(([, code = '']) => code);
}

/** The database's, all of which the API answers with. */
async function storeCodes(): Promise<readonly string[]> {
  return [...(await read('store/storeError.ts')).matchAll(/^ {2}'(STORE_[A-Z_]+)',/gm)].map(
    ([, code = '']) => code,
  );
}

test('every problem that the API tells of has words in every language', async () => {
  const codes = [...(await declaredCodes()), ...(await storeCodes())];
  // The sources are read as text: fewer would mean that they are written differently by now.
  expect(codes.length).toBeGreaterThan(90);
  const files = (await readdir(import.meta.dirname)).filter((name) => name.endsWith('.json'));
  for (const file of files) {
    const { problems } = JSON.parse(await readFile(`${import.meta.dirname}/${file}`, 'utf8')) as {
      readonly problems: Readonly<Record<string, string>>;
    };
    expect([file, codes.filter((code) => !(code in problems))]).toEqual([file, []]);
  }
});
