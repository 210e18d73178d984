import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

interface Tree {
  readonly [key: string]: string | Tree;
}

const sources = join(import.meta.dirname, '..');
const tags = (await readdir(import.meta.dirname))
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -'.json'.length));
const read = async (tag: string): Promise<ReadonlyMap<string, string>> =>
  new Map(flatten(JSON.parse(await readFile(join(import.meta.dirname, `${tag}.json`), 'utf8')) as Tree));

function flatten(tree: Tree, prefix = ''): [key: string, text: string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string'
      ? [[`${prefix}${key}`, value] as [string, string]]
      : flatten(value, `${prefix}${key}.`),
  );
}

const placeholders = (text: string): readonly string[] =>
  [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name))].sort();

/** What the sources ask for: whole keys, and beginnings of keys whose end is computed. */
async function asked(): Promise<{
  readonly keys: ReadonlySet<string>;
  readonly prefixes: readonly string[];
}> {
  const names = await readdir(sources, { recursive: true });
  const files = names.filter((name) => /\.(ts|vue)$/.test(name) && !/\.test\.ts$|schema\.d\.ts$/.test(name));
  const texts = await Promise.all(files.map((name) => readFile(join(sources, name), 'utf8')));
  // Comments, and what is compared with (`type === 'audit.added'`), are no texts of the page.
  const all = texts.join('\n').replace(/\/\*[\s\S]*?\*\/|(?:^|\s)\/\/.*$|(?:===|!==|case) '[^']*'/gm, '');
  const keys = [...all.matchAll(/['"`]([a-z][A-Za-z0-9]*(?:\.[A-Za-z0-9_]+)+)['"`]/g)].map(
    ([, key = '']) => key,
  );
  const prefixes = [...all.matchAll(/`([a-z][A-Za-z0-9]*(?:\.[A-Za-z0-9_]+)*\.)\$\{/g)].map(
    ([, prefix = '']) => prefix,
  );
  return { keys: new Set(keys), prefixes: [...new Set(prefixes)] };
}

const english = await read('en');
const { keys: askedKeys, prefixes } = await asked();
const called = [...askedKeys].filter((key) => {
  const [section = ''] = key.split('.');
  return [...english.keys()].some((known) => known.startsWith(`${section}.`));
});

test('there is more than one language', () => {
  expect(tags).toEqual(expect.arrayContaining(['en', 'zh']));
});

test('each text that a page asks for is there', () => {
  expect(called.filter((key) => !english.has(key))).toEqual([]);
});

test('each text is asked for by a page', () => {
  const unused = [...english.keys()].filter(
    (key) => !askedKeys.has(key) && !prefixes.some((prefix) => key.startsWith(prefix)),
  );
  expect(unused).toEqual([]);
});

describe.each(tags)('%s', (tag) => {
  test('says everything that English says, and nothing else', async () => {
    expect([...(await read(tag)).keys()].sort()).toEqual([...english.keys()].sort());
  });

  test('has the same placeholders in each text, and no text is empty', async () => {
    const texts = await read(tag);
    const wrong = [...texts].filter(
      ([key, text]) =>
        text.trim() === '' || placeholders(text).join() !== placeholders(english.get(key) ?? '').join(),
    );
    expect(wrong).toEqual([]);
  });

  test('is a language that browsers know', () => {
    expect(Intl.DateTimeFormat.supportedLocalesOf(tag)).toEqual([tag]);
  });
});

test('no other language repeats English where it has letters', async () => {
  for (const tag of tags.filter((name) => name !== 'en')) {
    const same = [...(await read(tag))].filter(
      ([key, text]) =>
        text === english.get(key) && /[a-z]{4}/.test(text.replace(/\{\w+\}/g, '')) && text.includes(' '),
    );
    expect([tag, same]).toEqual([tag, []]);
  }
});
