import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cleanup } from '../process/cleanup.js';
import { inRepository } from '../repository.js';
import type { AdministratorPage } from './administratorPage.js';
import { Browser, desk, phone, type Look } from './browser.js';
import { FurnishedServer, ownerName, ownerPassword } from './furnishedServer.js';
import { Pictures } from './pictures.js';

/** Paths of all pages, as the routes of the web UI have them. */
const routes = JSON.parse(
  await readFile(inRepository('packages', 'web', 'pages.json'), 'utf8'),
) as readonly string[];

/** What stands for the parameters of a route. */
const examples: Readonly<Record<string, () => string>> = {
  '/setup': () => '/setup#made-up',
  '/clients/:id': () => '/clients/alice',
  '/groups/:id': () => '/groups/engineering',
  '/sessions/:id': () => `/sessions/${furnished.sessionId}`,
  '/webhooks/:id': () => `/webhooks/${furnished.webhookId}`,
  '/:path(.*)*': () => '/nothing-here',
};

/** An address of the route. Throws where it has a parameter that nobody gave an example for. */
function addressOf(route: string): string {
  const known = Object.entries(examples)
    .filter(([example]) => route === example || route.startsWith(`${example}/`))
    .sort(([left], [right]) => right.length - left.length)[0];
  const address = known === undefined ? route : route.replace(known[0], known[1]);
  if (address.includes(':')) throw new Error(`no example for the route ${route}`);
  return address;
}

const looks: Readonly<Record<string, Look>> = {
  'English, light, desk': desk,
  'Chinese, dark, desk': { ...desk, language: 'zh', theme: 'dark' },
  'English, dark, phone': { ...phone, theme: 'dark' },
  'Chinese, light, phone': { ...phone, language: 'zh' },
};

/** `npm run docs:pictures` says where pictures of every page go; otherwise none are taken. */
const folder = process.env['MASQUE_VPN_PICTURES'];
const pictures = folder === undefined ? null : new Pictures(folder);

const cleanup = new Cleanup();
let furnished: FurnishedServer;
let browser: Browser;

beforeAll(async () => {
  furnished = cleanup.use(await FurnishedServer.start());
  browser = cleanup.use(await Browser.launch(furnished.lab.server.namespace));
});
afterAll(async () => {
  await pictures?.write(browser);
  await cleanup[Symbol.asyncDispose]();
});

it('knows the pages', () => {
  expect(routes.length).toBeGreaterThan(20);
});

describe.each(Object.entries(looks))('%s', (_name, look) => {
  let window: AdministratorPage;

  beforeAll(async () => {
    window = await browser.open('http://localhost:8080', look);
    cleanup.defer(() => window.close());
    await window.signIn(ownerName, ownerPassword);
  });

  it.each(routes)('%s', async (route) => {
    window.complaints.length = 0;
    await window.open(addressOf(route));
    pictures?.add(route, await window.page.screenshot({ fullPage: true }));
    expect(await window.violations()).toEqual([]);
    expect(await window.overflow()).toBe(0);
    expect(window.complaints).toEqual([]);
  });
});
