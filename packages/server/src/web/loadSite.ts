import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { mediaTypeOf } from './mediaType.js';
import { emptySite, Site } from './site.js';
import { siteFile, type SiteFile } from './siteFile.js';

/** The package that holds the pages; it may be absent. */
const webPackage = '@masque-vpn/web';

/** Where the build puts what it names after its content. */
const hashedPrefix = '/assets/';

/** Ends of the names of compressed variants. */
const brotliEnd = '.br';
const gzipEnd = '.gz';

/** Folder of the built pages, whether they are built or not; null without their package. */
export function builtFolder(): string | null {
  try {
    const manifest = createRequire(import.meta.url).resolve(`${webPackage}/package.json`);
    return join(dirname(manifest), 'dist');
  } catch {
    return null;
  }
}

/** Reads all files of a folder; an absent one makes an empty site. Symbolic links are left out. */
export async function loadSite(folder: string | null): Promise<Site> {
  const contents = folder === null ? null : await readFolder(folder);
  if (contents === null) return emptySite;
  const files = new Map<string, SiteFile>();
  for (const [path, body] of contents) {
    if (path.endsWith(brotliEnd) || path.endsWith(gzipEnd)) continue;
    const br = contents.get(`${path}${brotliEnd}`);
    const gzip = contents.get(`${path}${gzipEnd}`);
    files.set(
      path,
      siteFile({
        contentType: mediaTypeOf(path),
        body,
        compressed: { ...(br === undefined ? {} : { br }), ...(gzip === undefined ? {} : { gzip }) },
        immutable: path.startsWith(hashedPrefix),
      }),
    );
  }
  return new Site(files);
}

/** Content by path, `/index.html`; null: there is no such folder. */
async function readFolder(folder: string): Promise<ReadonlyMap<string, Buffer> | null> {
  const contents = new Map<string, Buffer>();
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((found) => found.isFile())) {
      const file = join(entry.parentPath, entry.name);
      contents.set(`/${relative(folder, file).split(sep).join('/')}`, await readFile(file));
    }
    return contents;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
