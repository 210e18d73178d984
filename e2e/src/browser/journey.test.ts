import { join } from 'node:path';
import { PastSessionListModel, AuditListModel } from '@masque-vpn/server/models';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstOwnerSecret } from '../lab/administrator.js';
import { Lab } from '../lab/lab.js';
import { VpnClient } from '../lab/vpnClient.js';
import { VpnServer } from '../lab/vpnServer.js';
import { Cleanup } from '../process/cleanup.js';
import { eventually } from '../process/eventually.js';
import { masqueVpn } from '../repository.js';
import { ping } from '../traffic/ping.js';
import { Traffic } from '../traffic/transfer.js';
import type { AdministratorPage } from './administratorPage.js';
import { Browser } from './browser.js';

/** One administrator with nothing but the web UI, and one machine that becomes a client. */
describe('an administrator’s first day', () => {
  const cleanup = new Cleanup();
  let lab: Lab;
  let server: VpnServer;
  let window: AdministratorPage;
  let page: Page;
  let client: VpnClient;

  beforeAll(async () => {
    lab = cleanup.use(await Lab.create());
    server = cleanup.use(await VpnServer.start(lab));
    const browser = cleanup.use(await Browser.launch(lab.server.namespace));
    window = await browser.open('http://localhost:8080');
    page = window.page;
    const profile = join(lab.directory, 'ada-laptop.toml');
    client = cleanup.use(await VpnClient.prepare(lab, lab.client(1), profile));
  });
  afterAll(() => cleanup[Symbol.asyncDispose]());

  const see = (text: string | RegExp): Promise<void> => page.getByText(text).first().waitFor();
  const press = (name: string | RegExp): Promise<void> => page.getByRole('button', { name }).first().click();
  const pings = async (): Promise<number> => (await ping(client.machine.namespace, lab.host.ipv4)).received;

  it('begins with the set-up link', async () => {
    await window.setUp(await firstOwnerSecret(server), 'olga', 'correct horse battery staple');
    await see('Add the first client');
    await see('Nobody from another network has come to UDP port');
  });

  it('gives a client a name, and gets a link, a QR code and one command', async () => {
    await page.getByText('Add the first client').click();
    await page.getByLabel('Name', { exact: true }).fill('Ada laptop');
    await press('Create client and link');
    await page.getByRole('img', { name: /QR/ }).waitFor();
    const command = await page.getByLabel('Run this on the machine').innerText();
    const link = /^sudo masque-vpn connect '(masque-vpn:\S+)'$/.exec(command)?.[1] ?? '';
    expect(link).not.toBe('');
    const args = [masqueVpn, 'enroll', '-', '--out', client.profile];
    const enrolled = await client.machine.namespace.run(
      { program: process.execPath, args },
      { input: `${link}\n` },
    );
    expect(enrolled).toMatchObject({ code: 0, stderr: '' });
    await see('The machine has its certificate. Waiting for it to connect');
  });

  it('sees it connect, and its first packet', async () => {
    client.launch();
    await client.up();
    expect(await pings()).toBe(3);
    await see('is connected, and its packets arrive');
    expect(await window.violations()).toEqual([]);
  });

  it('sees its traffic, live', async () => {
    const moved = await new Traffic().tcp(client.machine, lab.host, lab.host.ipv4, 'down', 500);
    expect(moved.checksumOk).toBe(true);
    await page.getByRole('link', { name: 'Sessions' }).first().click();
    await page
      .getByRole('row')
      .filter({ hasText: 'ada-laptop' })
      .getByText(/\d (kB|MB|GB)/)
      .first()
      .waitFor();
    await page.getByRole('link', { name: 'Overview' }).first().click();
    await page.getByRole('link', { name: /Connected now\s*1/ }).waitFor();
    await page
      .getByText(/highest [\d.]+ [kMG]b\/s/)
      .first()
      .waitFor();
  });

  it('refuses it a machine, with a rule that is rehearsed first', async () => {
    await page.getByRole('link', { name: 'Rules' }).first().click();
    await press('New rule');
    await page.getByLabel('Refuse').check();
    await page.getByLabel('What they reach').selectOption({ label: 'Addresses outside' });
    await page.getByLabel('Addresses or networks').fill(lab.host.ipv4);
    await press('Add to the draft');
    // By keyboard: to the first place.
    await page.getByRole('button', { name: /^Move rule 2: / }).focus();
    for (const key of ['Space', 'ArrowUp', 'Space']) await page.keyboard.press(key);
    await see('Dropped at place 1 of 2.');
    await press('Review and save');
    await see('would be cut');
    await press('Save anyway');
    await see('The rules are saved and in force.');
    expect(await pings()).toBe(0);
  });

  it('sees the refusal, and which rule it was', async () => {
    await page.getByRole('link', { name: 'Flows' }).first().click();
    await page
      .getByRole('listitem')
      .filter({ hasText: lab.host.ipv4 })
      .filter({ hasText: 'by rule 1' })
      .first()
      .waitFor();
    await window.open(`/rules/check?from=ada-laptop&to=${lab.host.ipv4}&protocol=icmp`);
    await see('It is refused.');
    await see('This rule refuses it:');
  });

  it('revokes its certificate, and it is gone', async () => {
    await window.open('/clients/ada-laptop/credentials');
    await page
      .getByRole('row')
      .filter({ hasText: /[0-9a-f]{64}/ })
      .getByRole('button', { name: 'Revoke' })
      .click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await eventually('the client to be out', async () => (await server.sessions()).length === 0);
    await window.open('/clients/ada-laptop/help');
    await see(/Its certificate was revoked on/);
    const path = '/api/v1/sessions/history?client=ada-laptop&state=ended';
    const causes = async (): Promise<readonly (string | null)[]> =>
      PastSessionListModel.parse(await server.api('GET', path)).items.map(({ cause }) => cause);
    await expect.poll(causes).toEqual(['CERTIFICATE_REVOKED']);
  });

  it('finds everything in the audit log', async () => {
    const { items } = AuditListModel.parse(await server.api('GET', '/api/v1/audit'));
    expect(items.map(({ action }) => action)).toEqual(
      expect.arrayContaining([
        'administrator.set_password',
        'client.create',
        'enrolment.create',
        'enrolment.redeem',
        'rule.replaceAll',
        'certificate.revoke',
      ]),
    );
    await page.getByRole('link', { name: 'Audit' }).first().click();
    await window.settled();
    for (const text of ['revoked', 'rules', 'ada-laptop']) await see(new RegExp(text));
  });

  it('saw no error, no warning and no other host', () => {
    expect(window.complaints).toEqual([]);
  });
});
