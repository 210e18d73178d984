import type { EngineError } from '@masque-vpn/engine';
import { FakeHost } from '@masque-vpn/host/fake';
import { expect, test, vi } from 'vitest';

import { openServerNetwork, type ServerNetwork, type ServerNetworkOptions } from './network.js';
import type { ServerNetworkSettings } from './settings.js';

const settings: ServerNetworkSettings = {
  tun: { name: 'masque0', mtu: 1400, offload: true },
  pools: ['10.89.0.0/16', '10.97.0.0/24', 'fd4d:5156:504e::/64'],
  gateways: { ipv4: '10.89.0.1', ipv6: 'fd4d:5156:504e::1' },
  manage: true,
  nat: true,
  hostAccess: false,
  journalPath: '/journal.json',
};

interface World {
  readonly host: FakeHost;
  readonly engine: { openTun: ReturnType<typeof vi.fn>; closeTun: ReturnType<typeof vi.fn> };
  readonly logger: { info: ReturnType<typeof vi.fn>; warn: ReturnType<typeof vi.fn> };
  readonly open: (changed?: Partial<ServerNetworkSettings>) => ReturnType<typeof openServerNetwork>;
}

function world(tunError?: EngineError): World {
  const host = new FakeHost();
  const tun = {
    name: 'masque0',
    index: 9,
    offloads: { vnetHeader: true, tcp: true, udp: true, queues: false, steering: false },
  };
  const opened = tunError === undefined ? { ok: true, value: tun } : { ok: false, error: tunError };
  const engine = { openTun: vi.fn(() => opened), closeTun: vi.fn() };
  const logger = { info: vi.fn(), warn: vi.fn() };
  const tools = { host, engine, logger } as unknown as Omit<ServerNetworkOptions, 'settings'>;
  const open: World['open'] = (changed) =>
    openServerNetwork({ ...tools, settings: { ...settings, ...changed } });
  return { host, engine, logger, open };
}

async function opened({ open }: World, changed?: Partial<ServerNetworkSettings>): Promise<ServerNetwork> {
  const network = await open(changed);
  if (!network.ok) throw new Error(network.error.message);
  return network.value;
}

test('addresses the TUN with the gateways and routes further pools to it', async () => {
  const all = world();
  await opened(all);
  expect(all.engine.openTun).toHaveBeenCalledWith({ ...settings.tun, backpressure: false });
  expect(all.host.owner().plan.link).toEqual({
    name: 'masque0',
    mtu: 1400,
    addresses: ['10.89.0.1/16', 'fd4d:5156:504e::1/64'],
  });
  expect(all.host.owner().plan.routes).toEqual([
    { type: 'unicast', table: 254, prefix: '10.97.0.0/24', dev: 'masque0' },
  ]);
});

test('guards the host and rewrites addresses only as configured (CIP-1014)', async () => {
  const all = world();
  await opened(all, { nat: false, hostAccess: true });
  expect(all.host.owner().plan.nft?.chains.map(({ name }) => name)).toEqual(['prerouting', 'forward']);
});

test.each([
  // Once is enough: both mean the same.
  ['ENGINE_TUN_MISSING', 'TUN_MISSING', '/dev/net/tun is missing'],
  ['ENGINE_PERMISSION_DENIED', 'TUN_PERMISSION_DENIED', 'no; /dev/net/tun is missing'],
  ['ENGINE_TUN_BUSY', 'TUN_BUSY', 'no; /dev/net/tun is missing'],
  ['ENGINE_IO', 'TUN_FAILED', 'no; /dev/net/tun is missing'],
] as const)('%s of the engine is %s, with what the host says is missing', async (code, expected, message) => {
  const all = world({ code, message: 'no' });
  all.host.can = { netAdmin: false, tun: false, ipv6: true, missing: ['/dev/net/tun is missing'] };
  const network = await all.open();
  expect(network).toEqual({ ok: false, error: { code: expected, message } });
  expect(all.host.isClean).toBe(true);
  // The journal is free for the next attempt.
  expect(await all.host.openNetwork({ journalPath: settings.journalPath })).toMatchObject({ ok: true });
});

test('a plan that fails closes the TUN again', async () => {
  const all = world();
  const conflict = await all.open({ pools: ['192.0.2.0/24'], gateways: { ipv4: '192.0.2.1', ipv6: null } });
  expect(conflict).toMatchObject({ ok: false, error: { code: 'NETWORK_POOL_CONFLICT' } });
  expect(all.engine.closeTun).toHaveBeenCalledOnce();
});

test('an unmanaged host is left alone', async () => {
  const all = world();
  const network = await opened(all, { manage: false });
  expect(await network.refresh()).toEqual({ ok: true });
  await network.releaseAddress('10.89.0.5');
  expect(all.host.forgotten).toEqual([]);
  expect(await network.close()).toEqual({ ok: true });
  expect(all.engine.closeTun).toHaveBeenCalledOnce();
});

test('a kernel without IPv6 serves IPv4 and says so', async () => {
  const all = world();
  all.host.can = { ...all.host.can, ipv6: false };
  const network = await opened(all);
  expect(all.host.owner().plan.link?.addresses).toEqual(['10.89.0.1/16']);
  expect(network.warnings.join()).toContain('no IPv6');
});

test('forgets the flows of a released address, or says once that it cannot (CIP-1306)', async () => {
  const all = world();
  const network = await opened(all);
  await network.releaseAddress('10.89.0.5');
  expect(all.host.forgotten).toEqual(['10.89.0.5']);
  all.host.forgetFailure = { code: 'HOST_TOOL_MISSING', message: 'conntrack' };
  await network.releaseAddress('10.89.0.6');
  await network.releaseAddress('10.89.0.7');
  expect(all.logger.warn).toHaveBeenCalledOnce();
  expect(network.warnings.join()).toContain('apt-get install conntrack');
});

test('closing undoes everything, once', async () => {
  const all = world();
  const network = await opened(all);
  expect(await network.close()).toEqual({ ok: true });
  expect(await network.close()).toEqual({ ok: true });
  expect(all.host.isClean).toBe(true);
  expect(all.engine.closeTun).toHaveBeenCalledOnce();
});

test('a close that fails says so and still closes the TUN', async () => {
  const all = world();
  const network = await opened(all);
  const error = { code: 'HOST_COMMAND_FAILED', message: 'no' } as const;
  all.host.owner().failNext(error);
  expect(await network.close()).toEqual({ ok: false, error });
  expect(all.engine.closeTun).toHaveBeenCalledOnce();
});

test('what a crash left is undone and logged', async () => {
  const all = world();
  await opened(all);
  all.host.crash();
  await opened(all);
  expect(all.logger.warn).toHaveBeenCalledOnce();
});
