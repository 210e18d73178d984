import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { chromium, type Browser as Chromium, type Page } from 'playwright-core';
import type { NetworkNamespace } from '../network/namespace.js';
import { AdministratorPage } from './administratorPage.js';

/** How somebody looks at the pages. */
export interface Look {
  readonly language: 'en' | 'zh';
  readonly theme: 'light' | 'dark';
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
}

export const desk: Look = { language: 'en', theme: 'light', width: 1280, height: 800 };
export const phone: Look = { ...desk, width: 360, height: 740 };

/** Patience with a page on a busy machine, milliseconds. What it waits for itself (a lost connection, say) is up to 15 s. */
const patienceMs = 45_000;

/** Debian's Chromium without a window, in a namespace: it is on that machine, and sees that machine's loopback. */
export class Browser implements AsyncDisposable {
  private constructor(private readonly chromium: Chromium) {}

  static async launch(namespace: NetworkNamespace): Promise<Browser> {
    const { program, args } = namespace.inside({
      program: await find('chromium-headless-shell'),
      args: [
        '--headless',
        '--remote-debugging-pipe',
        // Root has no sandbox; what it loads is ours alone.
        '--no-sandbox',
        '--disable-gpu',
        '--disable-dev-shm-usage',
        '--no-first-run',
        '--disable-background-networking',
        '--hide-scrollbars',
        '--font-render-hinting=none',
      ],
    });
    return new Browser(
      await chromium.launch({
        executablePath: await find(program),
        ignoreDefaultArgs: true,
        args: [...args],
      }),
    );
  }

  /** A window with cookies of its own. */
  async open(url: string, look: Look = desk): Promise<AdministratorPage> {
    const context = await this.chromium.newContext({
      baseURL: url,
      locale: look.language === 'en' ? 'en-GB' : 'zh-CN',
      colorScheme: look.theme,
      viewport: { width: look.width, height: look.height },
      timezoneId: 'UTC',
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    context.setDefaultTimeout(patienceMs);
    const page: Page = await context.newPage();
    return new AdministratorPage(page);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.chromium.close();
  }
}

/** Where a program is. */
async function find(program: string): Promise<string> {
  for (const folder of ['', ...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']) {
    const path = join(folder, program);
    if (!path.startsWith('/')) continue;
    const usable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return path;
  }
  throw new Error(`${program} is not installed`);
}
