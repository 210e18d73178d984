import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from './browser.js';

/** How large a picture may get, CSS pixels: what is further down looks like what is above. */
const tallest = 1_400;
const width = 1_200;

/** One picture of each page, in all looks side by side, for people who read the documentation. */
export class Pictures {
  readonly #shots = new Map<string, Buffer[]>();

  constructor(private readonly folder: string) {}

  /** `png`: a page in one look. Looks stand side by side in the order in which they come. */
  add(page: string, png: Buffer): void {
    const shots = this.#shots.get(page) ?? [];
    this.#shots.set(page, shots);
    shots.push(png);
  }

  /** Writes `NAME.jpg` for each page. */
  async write(browser: Browser): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    const window = await browser.open('http://localhost:8080', {
      language: 'en',
      theme: 'light',
      width,
      height: 300,
    });
    for (const [page, shots] of this.#shots) {
      await window.page.setContent(sheet(shots));
      await window.page.waitForLoadState('load');
      const picture = await window.page.locator('main').screenshot({ type: 'jpeg', quality: 55 });
      await writeFile(join(this.folder, `${nameOf(page)}.jpg`), picture);
    }
    await window.close();
  }
}

/** `/clients/:id/access` → `clients-id-access`. */
function nameOf(page: string): string {
  if (page.startsWith('/:path')) return 'missing';
  return page.replaceAll(/[^a-z]+/g, '-').replaceAll(/^-|-$/g, '') || 'overview';
}

function sheet(shots: readonly Buffer[]): string {
  const images = shots.map((png) => `<img src="data:image/png;base64,${png.toString('base64')}">`).join('');
  const style =
    'body { margin: 0 } main { display: flex; gap: 8px; padding: 8px; background: #8a94a3; align-items: start; ' +
    `max-height: ${tallest}px; overflow: hidden } img { min-width: 0; max-height: ${tallest}px; object-fit: cover; object-position: top }`;
  return `<!doctype html><style>${style}</style><main>${images}</main>`;
}
