import { join } from 'node:path';
import { formatProfile, readProfile } from '@masque-vpn/client';
import { LeaseListModel } from '@masque-vpn/server/models';
import type { Page } from 'playwright-core';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Administrator, firstOwnerSecret } from '../lab/administrator.js';
import { Lab } from '../lab/lab.js';
import { VpnClient } from '../lab/vpnClient.js';
import { VpnServer } from '../lab/vpnServer.js';
import { foreignAuthority, issue } from '../pki/certificates.js';
import { Cleanup } from '../process/cleanup.js';
import { ping } from '../traffic/ping.js';
import { passwordOf } from './administeredServer.js';
import { Browser } from './browser.js';
import { enrol } from './furnishedServer.js';
import type { AdministratorPage } from './administratorPage.js';

/** What an administrator does by hand about a machine: its address, and a certificate that it has already. */
describe('a machine', () => {
  const cleanup = new Cleanup();
  let lab: Lab;
  let server: VpnServer;
  let window: AdministratorPage;
  let page: Page;
  let alice: VpnClient;

  beforeAll(async () => {
    lab = cleanup.use(await Lab.create());
    server = cleanup.use(await VpnServer.start(lab, { settings: { pool: { quarantine_seconds: 3_600 } } }));
    const owner = await Administrator.setUp(server, 'olga', await firstOwnerSecret(server));
    await owner.api('POST', '/api/v1/clients', { name: 'alice' });
    alice = cleanup.use(await VpnClient.start(lab, lab.client(1), await enrol(lab, owner, 'alice')));
    const browser = cleanup.use(await Browser.launch(lab.server.namespace));
    window = await browser.open('http://localhost:8080');
    page = window.page;
    await window.signIn('olga', passwordOf('olga'));
  });
  afterAll(() => cleanup[Symbol.asyncDispose]());

  async function resting(): Promise<readonly string[]> {
    const leases = LeaseListModel.parse(await server.api('GET', '/api/v1/leases?state=quarantined'));
    return leases.items.map(({ address }) => address);
  }

  it('that left has addresses that rest, until somebody releases them', async () => {
    const { ipv4, ipv6 } = await alice.up();
    await alice.process.end();
    await expect.poll(async () => [...(await resting())].sort()).toEqual([ipv4, ipv6].sort());
    await window.open('/pools');
    await page.getByRole('button', { name: `Release ${ipv4}` }).click();
    const dialog = page.getByRole('dialog', { name: `Release ${ipv4}` });
    await dialog.waitFor();
    expect(await window.violations()).toEqual([]);
    await dialog.getByRole('button', { name: 'Release', exact: true }).click();
    await page.getByText(`${ipv4} is released.`).waitFor();
    await dialog.waitFor({ state: 'detached' });
    expect(await resting()).toEqual([ipv6]);
    await page.getByRole('button', { name: `Release ${ipv4}` }).waitFor({ state: 'detached' });
    expect(window.complaints).toEqual([]);
  });

  it('with a certificate of another authority is let in once that is imported', async () => {
    const { certificatePem, privateKeyPem } = await issue(await foreignAuthority(), 'alice');
    await window.open('/certificates/clients');
    await page.getByRole('button', { name: 'Import a certificate' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import a certificate' });
    await dialog.getByLabel('Client', { exact: true }).fill('alice');
    await dialog.getByLabel('Certificate (PEM)', { exact: true }).fill(certificatePem);
    expect(await window.violations()).toEqual([]);
    await dialog.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByText('alice can connect with that certificate.').waitFor();
    await dialog.waitFor({ state: 'detached' });
    expect(window.complaints).toEqual([]);

    const profile = await readProfile(alice.profile);
    if (!profile.ok) throw new Error(profile.error.message);
    const foreign = join(lab.directory, 'foreign.toml');
    await writeFile(
      foreign,
      formatProfile({ ...profile.value, certificate: certificatePem, privateKey: privateKeyPem }),
      { mode: 0o600 },
    );
    const same = cleanup.use(await VpnClient.start(lab, lab.client(1), foreign));
    expect((await ping(same.machine.namespace, lab.host.ipv4)).received).toBe(3);
  });
});
