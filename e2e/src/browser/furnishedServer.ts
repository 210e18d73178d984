import { join } from 'node:path';
import { CreatedClientModel, CreatedEnrolmentModel, WebhookListModel } from '@masque-vpn/server/models';
import { Administrator, firstOwnerSecret } from '../lab/administrator.js';
import { Lab } from '../lab/lab.js';
import { VpnClient } from '../lab/vpnClient.js';
import { VpnServer } from '../lab/vpnServer.js';
import { Cleanup } from '../process/cleanup.js';
import { mustRun } from '../process/run.js';
import { masqueVpn } from '../repository.js';
import { ping } from '../traffic/ping.js';
import { Traffic } from '../traffic/transfer.js';

/** Names that try what a page does with names. */
export const hostileNames = [
  '<img src=x onerror="document.title=1">&amp;{{1+1}}',
  'secret-file.png \u05D0\u05D1\u05D2 \u0627\u0644\u0639\u0631\u0628\u064A\u0629',
  'W'.repeat(190),
] as const;

/** A server that has been used for a while: people, rules, a client that is connected, refusals. */
export class FurnishedServer implements AsyncDisposable {
  private constructor(
    private readonly cleanup: Cleanup,
    readonly lab: Lab,
    readonly server: VpnServer,
    readonly owner: Administrator,
    /** The client `alice`, which is connected. */
    readonly alice: VpnClient,
    /** Alice's session. */
    readonly sessionId: string,
    readonly webhookId: string,
  ) {}

  static async start(): Promise<FurnishedServer> {
    await using cleanup = new Cleanup();
    const lab = cleanup.use(await Lab.create());
    const server = cleanup.use(await VpnServer.start(lab));
    const owner = await Administrator.setUp(server, ownerName, await firstOwnerSecret(server));
    await furnish(owner);
    const profile = await enrol(lab, owner, 'alice');
    const alice = cleanup.use(await VpnClient.start(lab, lab.client(1), profile));
    await new Traffic().tcp(alice.machine, lab.host, lab.host.ipv4, 'down', 500);
    // Beyond what the rules give: refused flows to look at.
    await ping(alice.machine.namespace, '203.0.113.1');
    const [session] = await server.sessions();
    const [webhook] = WebhookListModel.parse(await owner.api('GET', '/api/v1/webhooks')).items;
    if (session === undefined || webhook === undefined) throw new Error('it is not furnished');
    return new FurnishedServer(cleanup.move(), lab, server, owner, alice, session.id, webhook.id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cleanup[Symbol.asyncDispose]();
  }
}

export const ownerName = 'olga';
export const ownerPassword = `correct horse battery staple of ${ownerName}`;

/** Makes `client` enrol on the lab's first machine; returns the path of its profile. */
export async function enrol(lab: Lab, owner: Administrator, client: string): Promise<string> {
  const { link } = CreatedEnrolmentModel.parse(await owner.api('POST', '/api/v1/enrolments', { client }));
  const profile = join(lab.directory, `${client}.toml`);
  const command = { program: process.execPath, args: [masqueVpn, 'enroll', '-', '--out', profile] };
  await mustRun(lab.client(1).namespace.inside(command), { input: `${link}\n` });
  return profile;
}

async function furnish(owner: Administrator): Promise<void> {
  const make = (path: string, body: unknown): Promise<unknown> => owner.api('POST', `/api/v1/${path}`, body);
  for (const group of [
    { id: 'engineering', displayName: 'Engineering', note: 'Builds things' },
    { id: 'sales', displayName: 'Sales' },
  ]) {
    await make('groups', group);
  }
  await make('rules', {
    position: 1,
    action: 'deny',
    subject: { kind: 'everyone' },
    destination: { kind: 'prefixes', prefixes: ['203.0.113.1/32'] },
    note: 'The server itself is nobody’s business',
  });
  await make('rules', {
    position: 2,
    action: 'allow',
    subject: { kind: 'group', id: 'engineering' },
    destination: { kind: 'prefixes', prefixes: ['10.20.0.0/16', '2001:db8:77::/48'] },
    protocol: 'tcp',
    ports: [
      [22, 22],
      [443, 443],
    ],
  });
  CreatedClientModel.parse(await make('clients', { name: 'alice', groups: ['default', 'engineering'] }));
  for (const [index, displayName] of hostileNames.entries()) {
    await make('clients', { name: `hostile-${index}`, displayName });
  }
  await make('port-forwards', { protocol: 'tcp', publicPort: 8443, clientId: 'alice', clientPort: 443 });
  await make('webhooks', { url: 'https://hooks.example/masque', events: ['session.connected'] });
  await make('tokens', {
    name: 'backup',
    permissions: ['server:read'],
    expiresAtMs: Date.now() + 86_400_000 * 90,
  });
  await make('administrators', { name: 'rita', role: 'reader' });
}
