import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadSite } from './loadSite.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'site-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test('knows each file by its path, with its compressed variants', async () => {
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html>');
  await writeFile(join(folder, 'assets/main-1a.js'), 'run()');
  await writeFile(join(folder, 'assets/main-1a.js.br'), 'brotli');
  await writeFile(join(folder, 'assets/main-1a.js.gz'), 'gzip');
  const site = await loadSite(folder);
  expect([site.isBuilt, site.index.body.toString(), site.index.immutable]).toEqual([
    true,
    '<!doctype html>',
    false,
  ]);
  const script = site.fileAt('/assets/main-1a.js');
  expect([script?.contentType, script?.immutable]).toEqual(['text/javascript; charset=utf-8', true]);
  expect(String(script?.compressed.br) + String(script?.compressed.gzip)).toBe('brotligzip');
  expect(site.fileAt('/assets/main-1a.js.br')).toBeNull();
});

test('does not follow links out of the folder', async () => {
  await symlink('/etc/passwd', join(folder, 'passwd'));
  expect((await loadSite(folder)).fileAt('/passwd')).toBeNull();
});

test.each([['a folder that is not there', 'absent'] as const, ['no package', null] as const])(
  'has, with %s, a page that says what to do',
  async (_name, child) => {
    const site = await loadSite(child === null ? null : join(folder, child));
    expect(site.isBuilt).toBe(false);
    expect(site.index.body.toString()).toContain('npm run build');
  },
);

test('changes the tag with the content', async () => {
  await writeFile(join(folder, 'index.html'), 'one');
  const one = (await loadSite(folder)).index.tag;
  await writeFile(join(folder, 'index.html'), 'two');
  expect((await loadSite(folder)).index.tag).not.toBe(one);
});
