import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createI18n } from 'vue-i18n';

interface Tree {
  readonly [key: string]: string | Tree;
}

function keysOf(tree: Tree, prefix = ''): readonly string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [`${prefix}${key}`] : keysOf(value, `${prefix}${key}.`),
  );
}

const names = (await readdir(import.meta.dirname)).filter((name) => name.endsWith('.json'));

/** `@` and `{` mean something to vue-i18n: what it cannot read it refuses only when the text is first shown. */
test.each(names)('every text of %s can be said', async (name) => {
  const messages = JSON.parse(await readFile(`${import.meta.dirname}/${name}`, 'utf8')) as Tree;
  const { t } = createI18n<false>({ locale: 'xx', messages: { xx: messages } }).global;
  const wrong = keysOf(messages).filter((key) => {
    try {
      t(key, {}, 2);
      return false;
    } catch {
      return true;
    }
  });
  expect(wrong).toEqual([]);
});
