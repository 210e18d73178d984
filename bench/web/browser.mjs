import { chromium } from 'playwright-core';
import { environment } from '../../scripts/bootstrap/program.mjs';
import { inside } from '../network.mjs';

/** Long tasks that the page itself has seen (W3C Long Tasks: 50 ms and more), since the last look. */
const watch = `
  globalThis.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) globalThis.longTasks.push(duration);
  }).observe({ type: 'longtask', buffered: true });
`;

/** Chromium on the server's machine, and what a page in it costs. */
export class WebBrowser {
  /**
   * @param {import('playwright-core').Browser} browser
   * @param {import('playwright-core').Page} page
   */
  constructor(browser, page) {
    this.browser = browser;
    this.page = page;
  }

  /** @param {string} url */
  static async launch(url) {
    const command = [
      'chromium-headless-shell',
      ...[
        '--headless',
        '--remote-debugging-pipe',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-dev-shm-usage',
      ],
    ];
    const browser = await chromium.launch({
      executablePath: '/usr/sbin/ip',
      ignoreDefaultArgs: true,
      args: inside('server', command),
      env: environment(),
    });
    const context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 800 } });
    await context.addInitScript(watch);
    return new WebBrowser(browser, await context.newPage());
  }

  /**
   * @param {string} name
   * @param {string} password
   */
  async signIn(name, password) {
    await this.page.goto('/login');
    await this.page.locator('input[autocomplete=username]').fill(name);
    await this.page.locator('input[type=password]').fill(password);
    await this.page.locator('form button[type=submit]').click();
    await this.page.waitForURL('**/');
    await this.page.locator('h1').waitFor();
  }

  /**
   * Milliseconds of each step. A page that is asked for a second time has its files already, so the first page is
   * measured in a context of its own.
   * @param {(changes: number) => Promise<number>} stir makes so many events; tells how many there were a second
   * @returns {Promise<Record<string, number>>}
   */
  async measure(stir) {
    const { page } = this;
    const paint = await this.firstPaint();
    const rows = page.getByRole('table').getByRole('row');
    const opening = await this.longestTask(async () => {
      await page.getByRole('link', { name: 'Clients' }).first().click();
      await rows.nth(8).waitFor();
    });
    const scrolling = await this.longestTask(() => this.scrollToEnd());
    const searching = await this.longestTask(async () => {
      await page.evaluate('scrollTo(0, 0)');
      await page.getByRole('searchbox').pressSequentially('client-009', { delay: 60 });
      await page.waitForURL(/q=client-009/);
      await page.getByText('client-009000').first().waitFor();
    });
    await page.getByRole('searchbox').fill('');
    await page.waitForURL(/clients$/);
    const sorting = await this.longestTask(async () => {
      for (const sort of ['displayName', 'createdAt', 'id']) {
        await page.getByRole('search').getByRole('combobox').last().selectOption(sort);
        await rows.nth(8).waitFor();
      }
    });
    let perSecond = 0;
    const events = await this.longestTask(async () => {
      perSecond = await stir(1_000);
    });
    return {
      'first paint': paint,
      'longest task: opening the clients': opening,
      'longest task: scrolling to the end': scrolling,
      'longest task: searching': searching,
      'longest task: sorting': sorting,
      'longest task: with events': events,
      'events a second': perSecond,
    };
  }

  /** Until the heading of the overview is painted, by a browser that has nothing of the page yet; milliseconds. */
  async firstPaint() {
    const { page } = this;
    const wire = await page.context().newCDPSession(page);
    await wire.send('Network.clearBrowserCache');
    await page.goto('/', { waitUntil: 'commit' });
    await page.locator('h1').waitFor();
    return page.evaluate(
      'new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()), 0)))',
    );
  }

  /** As fast as somebody drags the bar: a screen at a time, until there is no more to read. */
  async scrollToEnd() {
    const { page } = this;
    const end = Date.now() + 120_000;
    let still = 0;
    let last = -1;
    while (still < 15 && Date.now() < end) {
      await page.mouse.wheel(0, 2_400);
      const at = await page.evaluate('new Promise((done) => requestAnimationFrame(() => done(scrollY)))');
      still = at === last ? still + 1 : 0;
      last = Number(at);
    }
  }

  /**
   * The longest task of the page while `work` is under way; 0: none reached 50 ms.
   * @param {() => Promise<unknown>} work
   * @returns {Promise<number>}
   */
  async longestTask(work) {
    await this.page.evaluate('globalThis.longTasks.length = 0');
    await work();
    // Observers are told a frame later.
    return this.page.evaluate(
      'new Promise((done) => setTimeout(() => done(Math.max(0, ...globalThis.longTasks)), 300))',
    );
  }

  async close() {
    await this.browser.close();
  }
}
