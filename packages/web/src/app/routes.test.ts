import { join } from 'node:path';
import type { RouteRecordRaw } from 'vue-router';
import { expect, test } from 'vitest';
import { routes } from './routes.js';

/** Paths of all pages below these routes. */
function pathsOf(records: readonly RouteRecordRaw[], parent = ''): string[] {
  return records.flatMap((record) => {
    const path = record.path.startsWith('/') ? record.path : `${parent}/${record.path}`.replace(/\/$/, '');
    if (record.children !== undefined) return pathsOf(record.children, path);
    return record.redirect === undefined ? [path] : [];
  });
}

/** `npm run docs:generate` writes the list, which the tour of the browser tests follows: no page is left out. */
test('pages.json lists every page', async () => {
  const text = `${JSON.stringify(pathsOf(routes).sort(), null, 2)}\n`;
  await expect(text).toMatchFileSnapshot(join(import.meta.dirname, '..', '..', 'pages.json'));
});
