import { AuditListModel, LoginSessionListModel, RuleListModel } from '@masque-vpn/server/models';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Cleanup } from '../process/cleanup.js';
import { AdministeredServer, passwordOf } from './administeredServer.js';
import type { AdministratorPage } from './administratorPage.js';

/** What the page does not have in its hands: servers end, sign-ins expire, others are quicker. */
const cleanup = new Cleanup();
let administered: AdministeredServer;
let window: AdministratorPage;
let page: Page;

beforeAll(async () => {
  administered = cleanup.use(await AdministeredServer.start({ sharedDatabase: true }));
  await administered.invite('oscar', 'owner');
  window = await administered.windowOf('olga');
  page = window.page;
});
afterAll(() => cleanup[Symbol.asyncDispose]());
beforeEach(async () => {
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  window.complaints.length = 0;
});

const see = (text: string | RegExp, where: Page = page): Promise<void> =>
  where.getByText(text).first().waitFor();
const gone = (text: string | RegExp): Promise<void> =>
  page.getByText(text).first().waitFor({ state: 'detached' });
const field = (label: string, where: Page = page) => where.getByLabel(label, { exact: true });
const press = (name: string | RegExp, where: Page = page): Promise<void> =>
  where.getByRole('button', { name }).first().click();

/** Complaints but those with which a browser notes every answer that is no success. */
const faults = (of = window): readonly string[] =>
  of.complaints.filter((complaint) => !complaint.includes('Failed to load resource'));

/** How often somebody created `client`, says the audit log. */
async function created(client: string): Promise<number> {
  const path = `/api/v1/audit?action=client.create&target=${client}`;
  return AuditListModel.parse(await administered.server.api('GET', path)).items.length;
}

/** Sends the form, and again while the server says that it cannot take it now: whoever presses again gets through. */
async function createClient(): Promise<void> {
  await expect
    .poll(
      async () => {
        if (await page.getByRole('img', { name: /QR/ }).isVisible()) return true;
        await page.getByRole('button', { name: 'Create client and link' }).click({ timeout: 5_000 });
        return false;
      },
      { timeout: 60_000, interval: 500 },
    )
    .toBe(true);
}

async function kill(): Promise<void> {
  await administered.server.process.end('SIGKILL');
}

describe('a server that is lost', () => {
  it('in the middle of a form: what was typed stays, and it is sent once the server is back', async () => {
    await window.open('/clients/new');
    await field('Name').fill('Ada’s laptop');
    await field('Id').fill('ada-laptop');
    await kill();
    await press('Create client and link');
    await see('The server does not answer. Nothing was lost: try again when it is back.');
    expect(await field('Name').inputValue()).toBe('Ada’s laptop');
    expect(await field('Id').inputValue()).toBe('ada-laptop');
    await administered.server.start();
    await createClient();
    expect(await created('ada-laptop')).toBe(1);
    expect(faults()).toEqual([]);
  });

  it('after it has done what it was asked: asked again, it answers the same and does nothing twice', async () => {
    await window.open('/clients/new');
    await field('Name').fill('Bob');
    // What the server answers to the first attempt is lost on its way.
    const wire = await page.context().newCDPSession(page);
    const lost = new Promise<number | undefined>((resolve, reject) => {
      wire.once('Fetch.requestPaused', ({ requestId, responseStatusCode }) => {
        wire
          .send('Fetch.failRequest', { requestId, errorReason: 'ConnectionReset' })
          .then(() => wire.detach())
          .then(() => {
            resolve(responseStatusCode);
          }, reject);
      });
    });
    await wire.send('Fetch.enable', {
      patterns: [{ urlPattern: '*/api/v1/clients', requestStage: 'Response' }],
    });
    await press('Create client and link');
    // Until nobody listens on the wire any more, the next request could be held there, too.
    const status = await lost;
    await see('The server does not answer.');
    expect({ lost: status, created: await created('bob') }).toEqual({ lost: 201, created: 1 });
    await press('Create client and link');
    await page.getByRole('img', { name: /QR/ }).waitFor();
    expect(await created('bob')).toBe(1);
    expect(faults()).toEqual([]);
  });

  it('under a page: the page says so, comes back by itself, and shows what is new', async () => {
    await window.open('/clients');
    await page.evaluate('globalThis.sameDocument = true');
    await kill();
    await see('The connection to the server is lost.');
    await administered.server.start();
    await administered.server.api('POST', '/api/v1/clients', { name: 'made-meanwhile' });
    await see('made-meanwhile');
    await gone('The connection to the server is lost.');
    await administered.server.api('POST', '/api/v1/clients', { name: 'made-afterwards' });
    await see('made-afterwards');
    expect(await page.evaluate('globalThis.sameDocument')).toBe(true);
    expect(faults()).toEqual([]);
  });

  it('before a page was loaded: the page says so, and is there as soon as the server is back', async () => {
    await window.open('/clients');
    await kill();
    await page.getByRole('link', { name: 'Usage' }).first().click();
    await see('This page could not be loaded');
    await administered.server.start();
    await page.waitForURL('**/usage');
    await window.settled();
    expect(faults()).toEqual([]);
  });

  it('before a page was read: it is read as soon as the server is back', async () => {
    await window.open('/clients/ada-laptop/overview');
    await window.open('/clients');
    await kill();
    await page.getByRole('link', { name: 'Ada’s laptop' }).click();
    await see('The server does not answer.');
    await administered.server.start();
    await press('Edit');
    expect(faults()).toEqual([]);
  });

  it('while a page is opened anew: the page waits for it', async () => {
    await page.route('**/api/v1/session', (route) => route.abort('connectionrefused'));
    await page.goto('/clients?q=ada');
    await see('The server does not answer');
    await page.unrouteAll();
    await see('ada-laptop');
    expect(new URL(page.url()).search).toBe('?q=ada');
    expect(faults()).toEqual([]);
  });
});

describe('a sign-in that has ended', () => {
  /** Ends all of olga's sessions but that of the test itself. */
  async function endSignIns(): Promise<void> {
    const { items } = LoginSessionListModel.parse(await administered.owner.api('GET', '/api/v1/me/sessions'));
    for (const { id, current } of items) {
      if (!current) await administered.owner.api('DELETE', `/api/v1/me/sessions/${id}`);
    }
  }
  const dialog = () => page.getByRole('dialog', { name: 'Sign in again' });
  async function signInAgain(): Promise<void> {
    await dialog().getByLabel('Password').fill(passwordOf('olga'));
    await dialog().getByRole('button', { name: 'Sign in' }).click();
    await dialog().waitFor({ state: 'detached' });
  }

  it('is asked for over the page, and what was typed is still there', async () => {
    await window.open('/clients/new');
    await field('Name').fill('Carol');
    await endSignIns();
    await dialog().waitFor();
    expect(await dialog().getByLabel('Name').inputValue()).toBe('olga');
    expect(await window.violations()).toEqual([]);
    await signInAgain();
    expect(await field('Name').inputValue()).toBe('Carol');
    await press('Create client and link');
    await page.getByRole('img', { name: /QR/ }).waitFor();
    expect(await created('carol')).toBe(1);
    expect(faults()).toEqual([]);
  });

  it('over a dialog: the dialog stays, and is live again afterwards', async () => {
    await window.open('/clients/carol');
    await press('Edit');
    await page.getByLabel(/^Note/).fill('typed before');
    await endSignIns();
    await signInAgain();
    expect(await page.getByLabel(/^Note/).inputValue()).toBe('typed before');
    await administered.owner.api('PATCH', '/api/v1/clients/carol', { displayName: 'Carol Two' });
    await see('Somebody else changed this while you were typing');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: 'Carol Two' }).waitFor();
    expect(faults()).toEqual([]);
  });
});

describe('two administrators at once', () => {
  let other: AdministratorPage;

  beforeAll(async () => {
    other = await administered.windowOf('oscar');
    const rule = {
      action: 'allow',
      subject: { kind: 'everyone' },
      destination: { kind: 'prefixes', prefixes: ['10.0.0.0/8'] },
    };
    const items = ['first', 'second'].map((note) => ({ ...rule, note }));
    await administered.owner.api('PUT', '/api/v1/rules', { items });
  });
  const notes = async (): Promise<readonly (string | null)[]> =>
    RuleListModel.parse(await administered.owner.api('GET', '/api/v1/rules')).items.map(({ note }) => note);
  async function edit(where: Page, rule: number): Promise<void> {
    await where.getByRole('button', { name: `What to do with rule ${rule}`, exact: true }).click();
    await where.getByRole('menuitem', { name: 'Edit' }).click();
  }
  async function save(where: Page): Promise<void> {
    await press('Review and save', where);
    await where.getByRole('dialog').getByRole('button', { name: /^Save/ }).click();
  }

  it('change the same rule: the second sees what the first did, and loses nothing that was typed', async () => {
    await window.open('/rules');
    await other.open('/rules');
    await edit(page, 1);
    await page.getByLabel(/^Note/).fill('as olga wants it');
    await edit(other.page, 1);
    await other.page.getByLabel(/^Note/).fill('as oscar wants it');
    await press('Change in the draft', other.page);
    // Olga's page hears of it, perhaps before Oscar's says that it is done, and her form is as she left it.
    const heard = page.waitForResponse(
      async (response) =>
        new URL(response.url()).pathname === '/api/v1/rules' &&
        (await response.text().catch(() => '')).includes('as oscar wants it'),
    );
    await Promise.all([heard, save(other.page)]);
    await see('The rules are saved and in force.', other.page);
    expect(await page.getByLabel(/^Note/).inputValue()).toBe('as olga wants it');
    await press('Change in the draft');
    await see('Somebody else has changed the rules');
    await see('as oscar wants it');
    await see('as olga wants it');
    expect(await window.violations()).toEqual([]);
    await press('Put my changes on top');
    await save(page);
    await see('The rules are saved and in force.');
    expect(await notes()).toEqual(['as olga wants it', 'second']);
    expect([...faults(), ...faults(other)]).toEqual([]);
  });

  it('save at the same moment: the slower one is told, and nothing of either is lost', async () => {
    await window.open('/rules');
    await edit(page, 2);
    await page.getByLabel(/^Note/).fill('olga’s second');
    await press('Change in the draft');
    await press('Review and save');
    // What happens on the server while the request is on its way.
    let quicker = 0;
    await page.route('**/api/v1/rules', async (route) => {
      if (route.request().method() === 'PUT' && (quicker += 1) === 1) {
        await administered.server.api('POST', '/api/v1/rules', {
          action: 'deny',
          subject: { kind: 'everyone' },
          destination: { kind: 'prefixes', prefixes: ['192.0.2.0/24'] },
          note: 'by somebody else',
        });
      }
      return route.continue();
    });
    await page.getByRole('dialog').getByRole('button', { name: /^Save/ }).click();
    await see('Somebody else has changed the rules');
    // The note itself names the rule that somebody else added.
    const note = page.getByRole('dialog').getByRole('alert');
    await note.getByRole('listitem').filter({ hasText: '192.0.2.0/24' }).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Put my changes on top' }).click();
    await page.getByRole('dialog').getByRole('button', { name: /^Save/ }).click();
    await see('The rules are saved and in force.');
    expect(await notes()).toEqual(['as olga wants it', 'olga’s second', 'by somebody else']);
    expect(faults()).toEqual([]);
  });

  it('change the same client: the slower one sees the other’s values beside what was typed', async () => {
    await window.open('/clients/ada-laptop');
    await press('Edit');
    await field('Name').fill('Ada’s own name');
    await other.open('/clients/ada-laptop');
    await press('Edit', other.page);
    await field('Name', other.page).fill('Oscar’s name');
    await other.page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await see('Saved.', other.page);
    await see('Somebody else changed this while you were typing');
    await see('Oscar’s name');
    await see('you typed something else, which saving puts in its place');
    expect(await field('Name').inputValue()).toBe('Ada’s own name');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Ada’s own name' }).waitFor();
    expect([...faults(), ...faults(other)]).toEqual([]);
  });

  it('save the same client at the same moment: nothing is saved before the other’s change was seen', async () => {
    await window.open('/clients/ada-laptop');
    await press('Edit');
    await page.getByLabel(/^Note/).fill('olga’s note');
    let quicker = 0;
    await page.route('**/api/v1/clients/ada-laptop', async (route) => {
      if (route.request().method() === 'PATCH' && (quicker += 1) === 1) {
        await administered.server.api('PATCH', '/api/v1/clients/ada-laptop', { note: 'a quicker note' });
      }
      return route.continue();
    });
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await see('Nothing was saved: somebody else changed this meanwhile');
    await see('a quicker note');
    expect(await page.getByLabel(/^Note/).inputValue()).toBe('olga’s note');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect((await administered.server.client('ada-laptop')).note).toBe('olga’s note');
    expect(faults()).toEqual([]);
  });
});

describe('a refusal', () => {
  it('of a name that is taken stands at its field', async () => {
    await window.open('/clients/new');
    await field('Name').fill('Another Ada');
    await field('Id').fill('ada-laptop');
    await press('Create client and link');
    await see('There is a client with this id already.');
    expect(await field('Id').getAttribute('aria-invalid')).toBe('true');
    expect(await field('Name').inputValue()).toBe('Another Ada');
    await field('Id').fill('another-ada');
    await press('Create client and link');
    await page.getByRole('img', { name: /QR/ }).waitFor();
    expect(faults()).toEqual([]);
  });

  it.each([
    [429, 'API_RATE_LIMITED', { 'retry-after': '7' }, 'Too many requests. Try again in 7 s.'],
    [503, 'API_OVERLOADED', { 'retry-after': '3' }, 'The server has too much to do. Try again in 3 s.'],
    [500, 'API_INTERNAL_ERROR', {}, 'The server failed.'],
    [403, 'API_FORBIDDEN', {}, 'Your role does not permit this.'],
    [507, 'STORE_FULL', {}, 'disk is full'],
    [418, 'UNHEARD_OF', {}, 'a detail in the server’s own words'],
  ] as const)('with %d %s is told in words, and the form stays', async (status, code, headers, words) => {
    await window.open('/clients/new');
    await field('Name').fill('Dora');
    await page.route('**/api/v1/clients', (route) =>
      route.fulfill({
        status,
        contentType: 'application/problem+json',
        headers,
        body: JSON.stringify({ code, status, detail: 'a detail in the server’s own words' }),
      }),
    );
    await press('Create client and link');
    await page.getByRole('alert').filter({ hasText: words }).waitFor();
    await see(code);
    expect(await field('Name').inputValue()).toBe('Dora');
    expect(faults()).toEqual([]);
  });

  it('of a proxy in between is not taken for the server’s', async () => {
    await window.open('/clients/new');
    await field('Name').fill('Dora');
    const body = '<h1>Bad gateway</h1>';
    await page.route('**/api/v1/clients', (route) =>
      route.fulfill({ status: 502, contentType: 'text/html', body }),
    );
    await press('Create client and link');
    await see('Something between this page and the server answered in its place.');
    // Not even its success.
    await page.unroute('**/api/v1/clients');
    await page.route('**/api/v1/clients', (route) =>
      route.fulfill({ status: 200, contentType: 'text/html', body }),
    );
    const success = page.waitForResponse((response) => response.status() === 200);
    await Promise.all([success, press('Create client and link')]);
    await see('Something between this page and the server answered in its place.');
    expect(await field('Name').inputValue()).toBe('Dora');
    expect(faults()).toEqual([]);
  });

  it('while the database is gone says so; afterwards the same form is taken', async () => {
    await window.open('/clients/new');
    await field('Name').fill('Emma');
    await administered.database.stop();
    try {
      await press('Create client and link');
      await page.getByRole('alert').filter({ hasText: 'The database' }).waitFor();
      expect(await field('Name').inputValue()).toBe('Emma');
    } finally {
      await administered.database.restart();
    }
    // The server looks for its database by itself.
    await createClient();
    expect(await created('emma')).toBe(1);
    expect(faults()).toEqual([]);
  });
});
