import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../lab/lab.js';
import { SharedDatabase } from '../lab/sharedDatabase.js';
import { VpnClient } from '../lab/vpnClient.js';
import { VpnServer } from '../lab/vpnServer.js';
import { Cleanup } from '../process/cleanup.js';
import { eventually } from '../process/eventually.js';
import { ping } from '../traffic/ping.js';
import { Traffic } from '../traffic/transfer.js';

describe('two servers of one PostgreSQL', () => {
  const cleanup = new Cleanup();
  let lab: Lab;
  let database: SharedDatabase;
  let near: VpnServer;
  let far: VpnServer;
  let alice: VpnClient;

  beforeAll(async () => {
    lab = cleanup.use(await Lab.create({ clients: 3 }));
    database = cleanup.use(await SharedDatabase.start(lab));
    near = cleanup.use(await VpnServer.start(lab, { settings: database.settings }));
    far = cleanup.use(
      await VpnServer.start(lab, {
        settings: { ...database.settings, pool: { ipv4: ['10.90.0.0/16'], ipv6: ['fd4d:5156:504f::/64'] } },
        ...{ directory: 'far', machine: lab.client(3) },
      }),
    );
    alice = cleanup.use(await VpnClient.start(lab, lab.client(1), await near.addClient('alice')));
  });
  afterAll(async () => {
    await cleanup[Symbol.asyncDispose]();
  });

  async function pings(): Promise<number> {
    return (await ping(alice.machine.namespace, lab.host.ipv4)).received;
  }

  it('a client that was made at one is let in by the other', async () => {
    const profile = join(lab.directory, 'bob.toml');
    const there = ['--host', far.machine.ipv4, '--out', profile];
    expect(await near.admin('client', 'add', 'bob', ...there)).toMatchObject({ code: 0, stderr: '' });
    const bob = cleanup.use(await VpnClient.start(lab, lab.client(2), profile));
    expect((await far.sessions()).map(({ clientId }) => clientId)).toEqual(['bob']);
    await bob.process.end();
  });

  it('who is disabled at one is cut off at the other, and let in again', async () => {
    expect(await pings()).toBe(3);
    await far.api('PATCH', '/api/v1/clients/alice', { enabled: false });
    // How long it takes is measured by `npm run bench:revocation`.
    await eventually('the session to end', async () => (await near.sessions()).length === 0);
    expect(await pings()).toBe(0);
    await eventually(
      'the refusal',
      async () => (await alice.status()).lastError?.code === 'SERVER_REFUSED_CLIENT',
    );
    await far.api('PATCH', '/api/v1/clients/alice', { enabled: true });
    await alice.process.end();
    alice.launch();
    await alice.up();
    expect(await pings()).toBe(3);
  });

  it('a rule that was made at one is kept by the other', async () => {
    const rule = await far.api('POST', '/api/v1/rules', {
      ...{
        action: 'deny',
        subject: { kind: 'client', id: 'alice' },
        destination: { kind: 'any' },
        position: 1,
      },
    });
    await eventually('silence', async () => (await pings()) === 0);
    await far.api('DELETE', `/api/v1/rules/${(rule as { readonly id: string }).id}`);
    await eventually('answers', async () => (await pings()) === 3);
  });

  it('while the database is gone tunnels go on and the API says so; then everything is as before', async () => {
    const sessions = (await near.sessions()).map(({ id }) => id);
    const transfer = new Traffic().tcp(alice.machine, lab.host, lab.host.ipv4, 'down', 4_000);
    await database.stop();
    await expect(near.api('GET', '/api/v1/audit')).rejects.toThrow(/503 .*"STORE_UNAVAILABLE"/);
    await expect(near.api('POST', '/api/v1/clients', { name: 'carol' })).rejects.toThrow(/ 503 /);
    const told = await near.admin('client', 'add', 'carol', '--link');
    expect(told.code).not.toBe(0);
    expect(told.stderr).toContain('STORE_UNAVAILABLE');
    expect(await transfer).toMatchObject({ checksumOk: true });
    expect(await pings()).toBe(3);

    await database.restart();
    await eventually('the API', () => near.api('GET', '/api/v1/audit'), 30_000);
    expect((await near.sessions()).map(({ id }) => id)).toEqual(sessions);
    expect(near.process.running).toBe(true);
    // They hear of each other again.
    await near.addClient('dave');
    await eventually('dave at the other server', () => far.client('dave'), 30_000);
    await far.api('PATCH', '/api/v1/clients/alice', { enabled: false });
    await eventually('the session to end', async () => (await near.sessions()).length === 0, 30_000);
  });
});
