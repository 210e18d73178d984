import type { Page, Response } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Cleanup } from '../process/cleanup.js';
import { AdministeredServer } from './administeredServer.js';
import type { AdministratorPage } from './administratorPage.js';

/** What the server sends a browser, and what it tells the browser to do with it. */
const cleanup = new Cleanup();
let window: AdministratorPage;
let page: Page;
const responses: Response[] = [];

beforeAll(async () => {
  const administered = cleanup.use(await AdministeredServer.start());
  window = await administered.window();
  page = window.page;
  page.on('response', (response) => responses.push(response));
  await window.signIn('olga', 'correct horse battery staple of olga');
});
afterAll(() => cleanup[Symbol.asyncDispose]());

const isAsset = (response: Response): boolean => new URL(response.url()).pathname.startsWith('/assets/');

/** Status and type of what the server answers somebody who asks for a page there. */
async function asked(path: string): Promise<string> {
  return page.evaluate<string>(
    `fetch(${JSON.stringify(path)}, { headers: { accept: 'text/html' } })
      .then((answer) => answer.status + ' ' + answer.headers.get('content-type'))`,
  );
}

it.each(['/', '/login', '/clients/alice', '/nothing/here'])(
  'the page at %s brings a policy by which nothing inline and nobody else’s runs',
  async (path) => {
    const response = await page.goto(path);
    const headers = response?.headers() ?? {};
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'cache-control': 'no-cache',
    });
    const html = (await response?.text()) ?? '';
    expect(html).not.toMatch(/<script(?![^>]* src=)/);
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
  },
);

it('the policy holds: a script in the page does not run', async () => {
  await window.open('/clients');
  const refused = page.waitForEvent('console', (message) =>
    message.text().includes('Content Security Policy'),
  );
  await page.evaluate(`{
    const script = document.createElement('script');
    script.textContent = 'globalThis.ran = true';
    document.body.append(script);
  }`);
  await refused;
  expect(await page.evaluate('globalThis.ran === undefined')).toBe(true);
  window.complaints.length = 0;
});

it('files that are named after their content are kept, compressed, and of their type', async () => {
  await window.open('/');
  const assets = responses.filter(isAsset);
  expect(assets.length).toBeGreaterThan(5);
  for (const asset of assets) {
    expect(asset.headers(), asset.url()).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': asset.url().endsWith('.css')
        ? 'text/css; charset=utf-8'
        : 'text/javascript; charset=utf-8',
      'x-content-type-options': 'nosniff',
    });
  }
  const encodings = new Set(assets.map((asset) => asset.headers()['content-encoding']));
  expect([...encodings]).toEqual([expect.stringMatching(/^(?:br|gzip)$/)]);
});

it.each([
  ['/assets/no-such-file.js', 404],
  ['/api/v1/no-such-thing', 404],
  ['/api/v1/clients/nobody', 404],
  ['/api/v1/me/password', 405],
  ['/api', 404],
] as const)('%s is never answered with a page', async (path, status) => {
  expect(await asked(path)).toBe(`${status} application/problem+json; charset=utf-8`);
});

it('the API’s answers are JSON that nobody keeps', async () => {
  const answers = responses.filter((response) => new URL(response.url()).pathname.startsWith('/api/v1/'));
  expect(answers.length).toBeGreaterThan(2);
  for (const answer of answers) {
    const { 'content-type': type, 'cache-control': cache } = answer.headers();
    expect(type ?? 'none', answer.url()).toMatch(
      /^(?:application\/(?:problem\+)?json|text\/event-stream|none)/,
    );
    expect(cache, answer.url()).toContain('no-store');
  }
});

it('the cookie is out of reach of scripts and of other sites', async () => {
  const cookies = await page.context().cookies();
  expect(cookies).toEqual([
    expect.objectContaining({
      name: 'masque_vpn',
      httpOnly: true,
      sameSite: 'Strict',
      path: '/',
      domain: 'localhost',
    }),
  ]);
  expect(await page.evaluate('document.cookie')).toBe('');
  expect(await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])')).not.toContain(
    cookies[0]?.value,
  );
});
