import type { Page } from 'playwright-core';
import { ClientModel, RuleListModel } from '@masque-vpn/server/models';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Cleanup } from '../process/cleanup.js';
import { AdministeredServer, passwordOf } from './administeredServer.js';
import type { AdministratorPage } from './administratorPage.js';
import { phone } from './browser.js';

/** What people do with any page of the web: keyboards, addresses, the way back, languages, names of all kinds. */
const cleanup = new Cleanup();
let administered: AdministeredServer;
let window: AdministratorPage;
let page: Page;

const names = {
  markup: '<img src=x onerror="document.title=1"><script>document.title=2</script>{{1+1}}',
  'right-to-left': 'secret-file.png \u05D0\u05D1\u05D2 \u0627\u0644\u0639\u0631\u0628\u064A\u0629',
  // As long as a name may be.
  long: 'W'.repeat(100),
} as const;

beforeAll(async () => {
  administered = cleanup.use(await AdministeredServer.start());
  const make = (path: string, body: unknown): Promise<unknown> =>
    administered.owner.api('POST', `/api/v1/${path}`, body);
  for (const [index, name] of Object.values(names).entries()) {
    await make('groups', { id: `hostile-${index}`, displayName: name, note: name.repeat(2) });
    await make('clients', {
      name: `hostile-${index}`,
      displayName: name,
      note: name.repeat(2),
      groups: [`hostile-${index}`],
    });
    await make('rules', {
      position: index + 1,
      action: 'allow',
      subject: { kind: 'group', id: `hostile-${index}` },
      destination: { kind: 'client', id: `hostile-${index}` },
      note: name.repeat(2),
    });
    await make('tokens', {
      name: name.slice(0, 64),
      permissions: ['server:read'],
      expiresAtMs: Date.now() + 9e8,
    });
  }
  window = await administered.windowOf('olga');
  page = window.page;
});
afterAll(() => cleanup[Symbol.asyncDispose]());
beforeEach(() => (window.complaints.length = 0));

const field = (label: string | RegExp) => page.getByLabel(label);

describe('without a mouse', () => {
  /** Presses Tab until what has the focus is called so, as somebody who sees only the focus. */
  async function tabTo(where: Page, name: RegExp): Promise<void> {
    const focused = where.locator(':focus');
    const wanted = where
      .getByRole('textbox', { name })
      .or(where.getByRole('button', { name, disabled: false }))
      .or(where.getByRole('link', { name }))
      .or(where.getByLabel(name));
    // What is not there yet, or has to wait for something, Tab would pass by.
    await wanted.first().waitFor();
    for (let pressed = 0; pressed < 80; pressed += 1) {
      await where.keyboard.press('Tab');
      if ((await focused.and(wanted).count()) === 1) return;
    }
    throw new Error(`no ${name.source} by Tab`);
  }

  it('one signs in, adds a client and orders the rules', async () => {
    const other = await administered.window();
    const { keyboard } = other.page;
    await other.page.goto('/login');
    await tabTo(other.page, /^Name/);
    await keyboard.type('olga');
    await tabTo(other.page, /^Password/);
    await keyboard.type(passwordOf('olga'));
    await keyboard.press('Enter');
    await other.page.waitForURL('**/');
    await other.settled();

    await tabTo(other.page, /^Clients$/);
    await keyboard.press('Enter');
    await other.page.waitForURL('**/clients');
    await other.settled();
    await tabTo(other.page, /^Add a client$/);
    await keyboard.press('Enter');
    await other.page.waitForURL('**/clients/new');
    await other.settled();
    await tabTo(other.page, /^Name/);
    await keyboard.type('Kim keyboard');
    await keyboard.press('Enter');
    await other.page.getByRole('img', { name: /QR/ }).waitFor();
    ClientModel.parse(await administered.owner.api('GET', '/api/v1/clients/kim-keyboard'));

    await other.open('/rules');
    await tabTo(other.page, /^Move rule 2: /);
    for (const key of ['Space', 'ArrowUp', 'Space']) await keyboard.press(key);
    await other.page.getByText('Dropped at place 1 of').waitFor();
    await tabTo(other.page, /^Review and save$/);
    await keyboard.press('Enter');
    await other.page.getByRole('dialog').waitFor();
    await tabTo(other.page, /^Save/);
    await keyboard.press('Enter');
    await other.page.getByText('The rules are saved and in force.').waitFor();
    const { items } = RuleListModel.parse(await administered.owner.api('GET', '/api/v1/rules'));
    expect(items.slice(0, 2).map(({ subject }) => subject)).toEqual([
      { kind: 'group', id: 'hostile-1' },
      { kind: 'group', id: 'hostile-0' },
    ]);
    expect(other.complaints).toEqual([]);
  });

  it('a dialog takes the focus, keeps it, and gives it back', async () => {
    await window.open('/clients/hostile-0');
    const edit = page.getByRole('button', { name: 'Edit' });
    await edit.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await page.locator('[role=dialog]:focus-within').waitFor();
    for (let pressed = 0; pressed < 12; pressed += 1) {
      await page.keyboard.press('Tab');
      expect(await page.locator('[role=dialog]:focus-within').count()).toBe(1);
    }
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await edit.and(page.locator(':focus')).waitFor();
    expect(window.complaints).toEqual([]);
  });
});

describe('addresses', () => {
  it('hold what a list is filtered by, for others, for a reload and for the way back', async () => {
    await window.open('/clients?q=hostile-1&sort=displayName&order=desc');
    await page.getByText('1 client', { exact: true }).waitFor();
    expect(await field('Search').inputValue()).toBe('hostile-1');
    expect(await field('Sort by').inputValue()).toBe('displayName');
    await field('Search').fill('hostile-2');
    await page.waitForURL(/q=hostile-2/);
    await page.reload();
    await window.settled();
    expect(await field('Search').inputValue()).toBe('hostile-2');
    await page.getByRole('link', { name: names.long }).click();
    await page.waitForURL(/\/clients\/hostile-2/);
    await window.settled();
    await page.goBack();
    await page.waitForURL(/q=hostile-2/);
    await page.getByText('1 client', { exact: true }).waitFor();
    expect(await field('Search').inputValue()).toBe('hostile-2');
    await page.goForward();
    await page.waitForURL(/\/clients\/hostile-2/);
    await page.getByRole('heading', { name: names.long }).waitFor();
    expect(window.complaints).toEqual([]);
  });

  it.each([
    '/clients?q=%00&sort=nothing&order=sideways&group=%3Cb%3E',
    '/rules?edit=nothing&new=nonsense',
    '/sessions?client=%F0%9F%92%A9',
    '/audit?action=%25%25&from=never',
    '/flows?verdict=maybe',
    '/usage?month=1999-99',
    '/logs?level=deafening',
  ])('that make no sense break nothing: %s', async (address) => {
    await window.open(address);
    expect(await page.locator('h1').count()).toBe(1);
    const faults = window.complaints.filter((complaint) => !complaint.includes('Failed to load resource'));
    expect(faults).toEqual([]);
  });
});

describe('another language', () => {
  it('is spoken at once, on the same page, with what was typed still there', async () => {
    await window.open('/clients/new');
    await page.getByLabel('Name', { exact: true }).fill('Ünïcode 名前');
    await page.getByLabel('Language').selectOption('zh');
    await page.getByRole('heading', { name: '添加客户端' }).waitFor();
    expect(await page.locator('form input').first().inputValue()).toBe('Ünïcode 名前');
    expect(await page.locator('html').getAttribute('lang')).toBe('zh');
    await page.reload();
    await page.getByRole('heading', { name: '添加客户端' }).waitFor();
    await page.locator('nav select').selectOption('en');
    await page.getByRole('heading', { name: 'Add a client' }).waitFor();
    expect(window.complaints).toEqual([]);
  });
});

describe('names that people give', () => {
  it.each(Object.entries(names))('%s: shown as they are, on every page, on a phone', async (kind, name) => {
    const id = `hostile-${Object.keys(names).indexOf(kind)}`;
    const narrow = await administered.windowOf('olga', phone);
    for (const path of [
      '/clients',
      `/clients/${id}/overview`,
      `/clients/${id}/access`,
      `/clients/${id}/help`,
      `/clients/${id}/history`,
      '/groups',
      `/groups/${id}`,
      '/rules',
      '/audit',
      '/tokens',
      '/',
    ]) {
      await narrow.open(path);
      expect(await narrow.overflow(), path).toBe(0);
      expect(await narrow.page.title(), path).not.toMatch(/^[12]$/);
      expect(await narrow.page.locator('img[src=x], main script').count(), path).toBe(0);
    }
    await narrow.open(`/clients/${id}/overview`);
    expect(await narrow.page.locator('h1').innerText()).toContain(name);
    expect(narrow.complaints).toEqual([]);
    await narrow.close();
  });
});
