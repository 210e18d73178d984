import { readFile, writeFile } from 'node:fs/promises';
import {
  ChangedRuleModel,
  ExplanationModel,
  FlowListModel,
  PortForwardModel,
  type FlowModel,
} from '@masque-vpn/server/models';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../lab/lab.js';
import type { Machine } from '../lab/machine.js';
import { VpnClient, type InnerAddresses } from '../lab/vpnClient.js';
import { VpnServer } from '../lab/vpnServer.js';
import { Cleanup } from '../process/cleanup.js';
import { eventually } from '../process/eventually.js';
import { ping } from '../traffic/ping.js';
import { Traffic } from '../traffic/transfer.js';

/** Behind bob: a network of its own, with one host in it. */
const site = { prefix: '192.168.77.0/24', host: '192.168.77.1' };
const publicPort = 20_022;

describe('what an administrator allows', () => {
  const cleanup = new Cleanup();
  const traffic = new Traffic();
  let lab: Lab;
  let server: VpnServer;
  let alice: VpnClient;
  let bob: VpnClient;
  let aliceAt: InnerAddresses;
  let bobAt: InnerAddresses;

  beforeAll(async () => {
    lab = cleanup.use(await Lab.create({ clients: 3 }));
    server = cleanup.use(await VpnServer.start(lab));
    alice = cleanup.use(await VpnClient.start(lab, lab.client(1), await server.addClient('alice')));
    const profile = await server.addClient('bob');
    await offer(profile, site.prefix);
    await lab
      .client(2)
      .namespace.ip([
        'link add site0 type veth peer name site1',
        `addr add ${site.host}/24 dev site0`,
        'link set site0 up',
        'link set site1 up',
      ]);
    bob = cleanup.use(await VpnClient.start(lab, lab.client(2), profile));
    aliceAt = await alice.up();
    bobAt = await bob.up();
  });
  afterAll(async () => {
    await cleanup[Symbol.asyncDispose]();
  });

  /** Rules of a test, newest first. */
  const made: string[] = [];
  afterEach(async () => {
    for (const id of made.splice(0)) await server.api('DELETE', `/api/v1/rules/${id}`);
  });

  async function rule(content: Readonly<Record<string, unknown>>): Promise<string> {
    const { id } = ChangedRuleModel.parse(await server.api('POST', '/api/v1/rules', content));
    made.unshift(id);
    return id;
  }

  async function moved(machine: Machine): Promise<number> {
    return (await machine.agent.call('moved', null)).bytes;
  }

  async function refusedFlows(client: string): Promise<readonly FlowModel[]> {
    const found = await server.api('GET', `/api/v1/flows?verdict=refused&client=${client}`);
    return FlowListModel.parse(found).items;
  }

  async function check(body: unknown): Promise<ExplanationModel> {
    return ExplanationModel.parse(await server.api('POST', '/api/v1/rules/check', body));
  }

  it('is everything but each other, until somebody says otherwise', async () => {
    expect((await ping(alice.machine.namespace, lab.host.ipv4)).received).toBe(3);
    expect((await ping(alice.machine.namespace, bobAt.ipv4)).received).toBe(0);
    expect((await ping(alice.machine.namespace, bobAt.ipv6)).received).toBe(0);
    expect(await check({ from: { client: 'alice' }, to: { client: 'bob' }, protocol: 'icmp' })).toMatchObject(
      {
        passes: false,
        reason: 'NO_RULE',
      },
    );
  });

  it('a deny rule cuts a running transfer within a second, and nobody else notices', async () => {
    const cut = traffic.tcp(alice.machine, lab.host, lab.host.ipv4, 'up', 60_000);
    // It never ends by itself: its packets are dropped from the rule on.
    cut.catch(() => undefined);
    const other = traffic.tcp(bob.machine, lab.host, lab.host.ipv4, 'down', 5_000);
    await eventually('a transfer that runs', async () => (await moved(alice.machine)) > 1e6);
    const before = await server.sessions();
    const id = await rule({
      action: 'deny',
      subject: { kind: 'client', id: 'alice' },
      destination: { kind: 'prefixes', prefixes: ['203.0.113.0/24'] },
      position: 1,
    });
    // What is in buffers may still be counted by the sender; the tunnel carries nothing of it.
    await eventually('the transfer to stand still', async () => {
      const sent = await moved(alice.machine);
      await ping(bob.machine.namespace, lab.host.ipv4, { count: 3 });
      return (await moved(alice.machine)) === sent;
    });
    expect(await other).toMatchObject({ checksumOk: true });
    expect((await ping(alice.machine.namespace, lab.host.ipv4)).received).toBe(0);
    expect((await ping(alice.machine.namespace, lab.host.ipv6)).received).toBe(3);
    expect((await server.sessions()).map((session) => session.id)).toEqual(
      before.map((session) => session.id),
    );

    const denied = { from: { client: 'alice' }, to: { address: lab.host.ipv4 }, protocol: 'tcp', port: 443 };
    expect(await check(denied)).toMatchObject({ passes: false, reason: 'RULE_DENIES', rule: { id } });
    const refused = await eventually('the refused flow to show', async () =>
      (await refusedFlows('alice')).find((flow) => flow.ruleId === id && flow.protocol === 'icmp'),
    );
    expect(refused).toMatchObject({
      remoteAddress: lab.host.ipv4,
      direction: 'fromClient',
      verdict: 'refused',
    });

    await server.api('DELETE', `/api/v1/rules/${id}`);
    made.splice(0);
    expect((await ping(alice.machine.namespace, lab.host.ipv4)).received).toBe(3);
  });

  it('clients reach each other where a rule says so, one way', async () => {
    await rule({
      action: 'allow',
      subject: { kind: 'client', id: 'alice' },
      destination: { kind: 'client', id: 'bob' },
    });
    expect((await ping(alice.machine.namespace, bobAt.ipv4)).received).toBe(3);
    expect((await ping(alice.machine.namespace, bobAt.ipv6)).received).toBe(3);
    expect((await ping(bob.machine.namespace, aliceAt.ipv4)).received).toBe(0);
    const transfer = await traffic.tcp(alice.machine, bob.machine, bobAt.ipv4, 'down', 500);
    expect(transfer.checksumOk).toBe(true);
  });

  it('a port of the server leads to a client, for those who may use it, while it is there', async () => {
    const { tcpPort } = await alice.machine.serving();
    const outsider = lab.client(3);
    const content = { protocol: 'tcp', publicPort, clientId: 'alice', clientPort: tcpPort };
    const forward = PortForwardModel.parse(await server.api('POST', '/api/v1/port-forwards', content));
    expect(forward.addresses).toContain(aliceAt.ipv4);
    const reach = async (address: string): Promise<number> => {
      const id = 900_000 + Math.floor(performance.now());
      const there = outsider.agent.call('transferTcp', {
        ...{ id, address, port: publicPort, direction: 'down', forMs: 200 },
      });
      return (await within(there, 3_000))?.bytes ?? 0;
    };
    await eventually('the forward', async () => (await reach(lab.server.ipv4)) > 0);
    await eventually('the forward, over IPv6', async () => (await reach(lab.server.ipv6)) > 0);
    await server.api('PATCH', `/api/v1/port-forwards/${forward.id}`, { sources: ['198.18.99.0/24'] });
    expect(await reach(lab.server.ipv4)).toBe(0);
    await server.api('DELETE', `/api/v1/port-forwards/${forward.id}`);
    expect(await reach(lab.server.ipv4)).toBe(0);
    await expect(
      server.api('POST', '/api/v1/port-forwards', { ...content, publicPort: 443 }),
    ).rejects.toThrow('PORT_FORWARD_RESERVED');
  });

  it('a rate is kept, and TCP gets most of it', async () => {
    const bytesPerSecond = 1_000_000;
    const seconds = 4;
    await server.api('PATCH', '/api/v1/clients/alice', {
      limits: { rateDownBytesPerSecond: bytesPerSecond },
    });
    const limited = await traffic.tcp(alice.machine, lab.host, lab.host.ipv4, 'down', seconds * 1_000);
    const burst = 262_144;
    // Bytes over time, the time of the last ones in buffers included; headers are metered, content is counted.
    expect((limited.mbitPerSecond / 8) * 1e6).toBeLessThan(bytesPerSecond * 1.15 + burst / seconds);
    expect(limited.bytes).toBeGreaterThan((bytesPerSecond * seconds) / 3);
    await server.api('PATCH', '/api/v1/clients/alice', { limits: { rateDownBytesPerSecond: null } });
    const free = await traffic.tcp(alice.machine, lab.host, lab.host.ipv4, 'down', 1_000);
    expect(free.bytes).toBeGreaterThan(limited.bytes / 2);
  });

  it('a network behind a client is reached by rule, while the client is there', async () => {
    const prefix = await server.api('POST', '/api/v1/clients/bob/prefixes', { prefix: site.prefix });
    await rule({
      action: 'allow',
      subject: { kind: 'client', id: 'alice' },
      destination: { kind: 'client', id: 'bob' },
    });
    await eventually('the site', async () => (await ping(alice.machine.namespace, site.host)).received > 0);
    await eventually(
      'the host, from the site',
      async () => (await ping(bob.machine.namespace, lab.host.ipv4, { from: site.host })).received === 3,
    );
    const { id } = prefix as { readonly id: string };
    await server.api('DELETE', `/api/v1/clients/bob/prefixes/${id}`);
    expect((await ping(alice.machine.namespace, site.host)).received).toBe(0);
    await expect(
      server.api('POST', '/api/v1/clients/bob/prefixes', { prefix: '10.89.3.0/24' }),
    ).rejects.toThrow('PREFIX_OVERLAPS_POOL');
    await expect(
      server.api('POST', '/api/v1/clients/bob/prefixes', { prefix: '203.0.113.0/25' }),
    ).rejects.toThrow('PREFIX_OVERLAPS_HOST');
  });

  it('a quota ends the sessions of who has used it up, and keeps it out until it is raised', async () => {
    await server.api('PATCH', '/api/v1/clients/alice', { limits: { monthlyQuotaBytes: 1 } });
    await eventually('the session to end', async () =>
      (await server.sessions()).every(({ clientId }) => clientId !== 'alice'),
    );
    await eventually('the refusal', () =>
      server.process.output.includes('"reason":"QUOTA_EXCEEDED","status":429'),
    );
    await server.api('PATCH', '/api/v1/clients/alice', { limits: { monthlyQuotaBytes: null } });
    await alice[Symbol.asyncDispose]();
    alice = cleanup.use(await VpnClient.start(lab, lab.client(1), alice.profile));
    expect((await ping(alice.machine.namespace, lab.host.ipv4)).received).toBe(3);
  });
});

/** Has a profile offer a network behind its machine. */
async function offer(profile: string, prefix: string): Promise<void> {
  const text = await readFile(profile, 'utf8');
  const line = `advertise = [${JSON.stringify(prefix)}]`;
  const changed = text.includes('[tunnel]')
    ? text.replace('[tunnel]', `[tunnel]\n${line}`)
    : `${text}\n[tunnel]\n${line}\n`;
  await writeFile(profile, changed, { mode: 0o600 });
}

/** What comes in time; null for what does not, or fails. */
async function within<T>(work: Promise<T>, limitMs: number): Promise<T | null> {
  const late = new Promise<null>((resolve) => {
    setTimeout(() => resolve(null), limitMs).unref();
  });
  return Promise.race([work.catch(() => null), late]);
}
