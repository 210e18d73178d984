import { TotpOfferModel } from '@masque-vpn/server/models';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cleanup } from '../process/cleanup.js';
import { inRepository } from '../repository.js';
import { AdministeredServer, passwordOf } from './administeredServer.js';
import type { AdministratorPage } from './administratorPage.js';
import { totpCode } from './totp.js';

/** Who may come in, and what each of them sees. */
const cleanup = new Cleanup();
let administered: AdministeredServer;

beforeAll(async () => {
  administered = cleanup.use(await AdministeredServer.start());
  await administered.invite('rita', 'reader');
  await administered.invite('otto', 'operator');
  await administered.invite('olaf', 'operator');
  await administered.owner.api('POST', '/api/v1/clients', { name: 'alice' });
  await administered.owner.api('POST', '/api/v1/rules', {
    action: 'allow',
    subject: { kind: 'everyone' },
    destination: { kind: 'any' },
  });
});
afterAll(() => cleanup[Symbol.asyncDispose]());

async function submit({ page }: AdministratorPage, name: string, password: string): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

const faults = ({ complaints }: AdministratorPage): readonly string[] =>
  complaints.filter((complaint) => !complaint.includes('Failed to load resource'));

describe('signing in', () => {
  it('goes on to where one wanted to go', async () => {
    const window = await administered.window();
    await window.page.goto('/clients?q=ali');
    await window.page.waitForURL('**/login?next=**');
    await window.settled();
    // That nobody is signed in yet is nothing to complain about.
    expect(window.complaints).toEqual([]);
    await submit(window, 'olga', passwordOf('olga'));
    await window.page.waitForURL('**/clients?q=ali');
    await window.page.getByRole('link', { name: 'alice' }).waitFor();
    expect(faults(window)).toEqual([]);
  });

  it('with a wrong password is refused in words; after too many it says how long to wait', async () => {
    const window = await administered.window();
    await window.page.goto('/login');
    await submit(window, 'otto', 'wrong');
    const note = window.page.getByRole('alert');
    await note.filter({ hasText: 'Name, password or code is wrong.' }).waitFor();
    expect(await window.page.getByLabel('Name').inputValue()).toBe('otto');
    await expect
      .poll(
        async () => {
          await window.page.getByRole('button', { name: 'Sign in' }).click();
          return note.innerText();
        },
        { timeout: 60_000 },
      )
      .toMatch(/Too many failed attempts\. Try again in \d+ s\./);
    expect(await window.violations()).toEqual([]);
    expect(faults(window)).toEqual([]);
  });

  it('asks for the code of an authenticator app where there is one', async () => {
    await administered.invite('tina', 'reader');
    const window = await administered.windowOf('tina');
    await window.open('/account');
    const offer = window.page.waitForResponse((response) => response.url().endsWith('/api/v1/me/totp'));
    await window.page.getByRole('button', { name: /Turn on/ }).click();
    const { secret } = TotpOfferModel.parse(await (await offer).json());
    await window.page.locator('input[autocomplete=one-time-code]').fill(totpCode(secret, Date.now()));
    await window.page
      .locator('form', { has: window.page.locator('input[autocomplete=one-time-code]') })
      .locator('input[type=password]')
      .fill(passwordOf('tina'));
    await window.page.keyboard.press('Enter');
    await window.page.getByText('The second factor is on.').waitFor();

    const other = await administered.window();
    await other.page.goto('/login');
    await submit(other, 'tina', passwordOf('tina'));
    const code = other.page.locator('input[autocomplete=one-time-code]');
    // By keyboard: the field has the focus already, and what was typed is still there.
    await code.and(other.page.locator(':focus')).waitFor();
    expect(await other.page.getByLabel('Password').inputValue()).toBe(passwordOf('tina'));
    // The code of a step is good once; the next one is accepted early.
    await code.fill(totpCode(secret, Date.now() + 30_000));
    await other.page.keyboard.press('Enter');
    await other.page.waitForURL('**/');
    await other.settled();
    expect([...faults(window), ...faults(other)]).toEqual([]);
  });

  it('ends with signing out; the way back leads to no page of before', async () => {
    const window = await administered.windowOf('olga');
    await window.open('/clients');
    await window.page.getByRole('button', { name: 'Sign out' }).click();
    await window.page.waitForURL('**/login');
    await window.page.goBack();
    await window.page.waitForURL('**/login?next=/clients');
    await expect(window.page.getByText('alice').count()).resolves.toBe(0);
    expect(faults(window)).toEqual([]);
  });
});

describe.each([
  {
    name: 'rita',
    role: 'a reader',
    closed: ['/clients/new', '/webhooks', '/administrators', '/logs'],
    missing: ['Webhooks', 'Administrators', 'Log'],
  },
  {
    name: 'olaf',
    role: 'an operator',
    closed: ['/administrators'],
    missing: ['Administrators'],
  },
])('$role', ({ name, closed, missing }) => {
  let window: AdministratorPage;
  beforeAll(async () => {
    window = await administered.windowOf(name);
  });

  it('finds in the navigation what there is to open, and can open all of it', async () => {
    const links = window.page.getByRole('navigation', { name: 'Pages' }).getByRole('link');
    const labels = (await links.allInnerTexts()).map((label) => label.trim());
    for (const label of missing) expect(labels).not.toContain(label);
    for (const link of await links.all()) {
      window.complaints.length = 0;
      const href = await link.getAttribute('href');
      await link.click();
      await window.page.waitForURL((url) => url.pathname === href);
      await window.settled();
      const address = window.page.url();
      expect(await window.page.getByRole('alert').allInnerTexts(), address).toEqual([]);
      expect(window.complaints, address).toEqual([]);
    }
  });

  it.each(closed)('is told at %s that it is for others', async (address) => {
    window.complaints.length = 0;
    await window.open(address);
    await window.page.getByRole('heading', { name: 'This page is not for your role' }).waitFor();
    expect(await window.violations()).toEqual([]);
    expect(window.complaints).toEqual([]);
  });
});

it('a reader has no control that changes anything', async () => {
  const window = await administered.windowOf('rita');
  const pages = JSON.parse(
    await readFile(inRepository('packages', 'web', 'pages.json'), 'utf8'),
  ) as readonly string[];
  const changing =
    /^(?:Add|New|Edit|Delete|Disable|Enable|Disconnect|Revoke|Make|Create|Save|Move|Import|Change)\b/;
  // One's own account and tokens are one's own.
  const own = /^\/(?:account|devices|tokens|login|setup)/;
  const found: string[] = [];
  for (const path of pages.filter((each) => !own.test(each) && !/:(?!id)/.test(each))) {
    if (/^\/(?:sessions|webhooks|groups)\/:id/.test(path)) continue;
    await window.open(path.replace(':id', 'alice'));
    const names = await window.page.locator('main').getByRole('button').allInnerTexts();
    const links = await window.page.locator('main').getByRole('link').allInnerTexts();
    found.push(
      ...[...names, ...links].filter((label) => changing.test(label)).map((label) => `${path}: ${label}`),
    );
  }
  expect(found).toEqual([]);
  expect(faults(window)).toEqual([]);
});
