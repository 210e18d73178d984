import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';

/** What axe says is wrong with a page. */
export interface Violation {
  readonly rule: string;
  readonly help: string;
  readonly places: readonly string[];
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

/** A window of the administration, and everything in it that must not happen. */
export class AdministratorPage {
  /** Errors of the page's own, of its console, and requests to other hosts. */
  readonly complaints: string[] = [];

  constructor(readonly page: Page) {
    page.on('pageerror', (error) => this.complaints.push(`page: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') {
        this.complaints.push(`console: ${message.text()} (${message.location().url})`);
      }
    });
    page.on('request', (request) => {
      const { hostname, protocol } = new URL(request.url());
      if (protocol.startsWith('http') && hostname !== 'localhost') {
        this.complaints.push(`request to ${request.url()}`);
      }
    });
  }

  /** Opens an address of the page and waits until it shows what it has. */
  async open(path: string): Promise<void> {
    await this.page.goto(path);
    await this.settled();
  }

  /** Waits until there is a heading and nothing is being loaded. */
  async settled(): Promise<void> {
    await this.page.locator('h1').first().waitFor();
    await this.page.locator('main .animate-pulse').first().waitFor({ state: 'detached' });
  }

  /** Chooses a password with a set-up link. */
  async setUp(secret: string, name: string, password: string): Promise<void> {
    await this.page.goto(`/setup#${secret}`);
    await this.page.locator('form button[type=submit]').waitFor();
    const [nameField, ...passwords] = await this.page.locator('form input').all();
    await nameField?.fill(name);
    for (const field of passwords) await field.fill(password);
    await this.page.locator('form button[type=submit]').click();
    await this.page.waitForURL('**/');
    await this.settled();
  }

  /** Signs in with a password. */
  async signIn(name: string, password: string): Promise<void> {
    await this.page.goto('/login');
    await this.page.locator('input[autocomplete=username]').fill(name);
    await this.page.locator('input[type=password]').fill(password);
    await this.page.locator('form button[type=submit]').click();
    await this.page.waitForURL('**/');
    await this.settled();
  }

  /** All rules of WCAG 2.2 A and AA, and axe's best practices. */
  async violations(): Promise<readonly Violation[]> {
    const path = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
    // As a function of the debugger's: the policy of the page lets no script in.
    await this.page.evaluate(await readFile(path, 'utf8'));
    const result = await this.page.evaluate<AxeResult>('axe.run(document, { resultTypes: ["violations"] })');
    return result.violations.map(({ id, help, nodes }) => ({
      rule: id,
      help,
      places: nodes.map(({ html, failureSummary = '' }) => `${html.slice(0, 200)} ${failureSummary}`),
    }));
  }

  /** CSS pixels by which the page is wider than its window. */
  async overflow(): Promise<number> {
    const root = 'document.documentElement';
    return this.page.evaluate<number>(`${root}.scrollWidth - ${root}.clientWidth`);
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
