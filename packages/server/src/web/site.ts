import { siteFile, type SiteFile } from './siteFile.js';

/** The page of every address that the pages' own router knows. */
const indexPath = '/index.html';

/** The files of the web interface. They were listed once: no path that somebody makes up reaches the disk. */
export class Site {
  readonly #files: ReadonlyMap<string, SiteFile>;

  /** By path, `/assets/main-4f2a.js`; without an `/index.html` it is not built. */
  constructor(files: ReadonlyMap<string, SiteFile>) {
    this.#files = files;
  }

  get isBuilt(): boolean {
    return this.#files.has(indexPath);
  }

  /** The page at every address that is no file; says how to build the others where they are missing. */
  get index(): SiteFile {
    return this.#files.get(indexPath) ?? unbuilt;
  }

  /** The file of a path as it stands in a URL, without its query; null: there is none. */
  fileAt(path: string): SiteFile | null {
    return this.#files.get(path) ?? null;
  }
}

/** A site without files. */
export const emptySite = new Site(new Map());

const unbuilt = siteFile({
  contentType: 'text/html; charset=utf-8',
  body: Buffer.from(`<!doctype html>
<html lang="en">
<title>masque-vpn</title>
<h1>The web interface is not built</h1>
<p>The server runs, and so does its API. To build these pages, run <code>npm run build</code> in the folder of the
sources and start the server again. Until then, <code>masque-vpn admin</code> does the same on the command line.</p>
</html>
`),
  compressed: {},
  immutable: false,
});
