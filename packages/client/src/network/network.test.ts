import { FakeHost } from '@masque-vpn/host/fake';
import { expect, test } from 'vitest';

import { openClientNetwork, type ClientNetwork, type TunnelNetwork } from './network.js';

const tunnel: TunnelNetwork = {
  mtu: 1400,
  assigned: ['10.89.0.5/32'],
  routes: ['10.0.0.0/8'],
  behind: [],
  serverAddresses: ['203.0.113.7'],
};

async function open(host: FakeHost): Promise<ClientNetwork> {
  const opened = await openClientNetwork({ host, interfaceName: 'masque-alice', journalPath: '/j' });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

test('without nftables the tunnel works and says what it lacks', async () => {
  const host = new FakeHost();
  const network = await open(host);
  host.owner().failNext({ code: 'HOST_TOOL_MISSING', message: 'nft' });
  const applied = await network.apply(tunnel);
  expect(applied).toMatchObject({ ok: true, value: { addresses: ['10.89.0.5/32'] } });
  expect(JSON.stringify(applied)).toContain('apt-get install nftables');
  expect(host.owner().plan.nft).toBeNull();
});

test('a failure is handed on', async () => {
  const host = new FakeHost();
  const network = await open(host);
  const error = { code: 'HOST_CONFLICT', message: 'taken' } as const;
  host.owner().failNext(error);
  expect(await network.apply(tunnel)).toEqual({ ok: false, error });
});

test('what a crash left is told to the next', async () => {
  const host = new FakeHost();
  await (await open(host)).apply(tunnel);
  host.crash();
  const next = await open(host);
  expect(next.recovered).toHaveLength(1);
  expect(host.isClean).toBe(true);
});

test('disposing leaves nothing', async () => {
  const host = new FakeHost();
  {
    await using network = await open(host);
    await network.apply(tunnel);
    expect(host.isClean).toBe(false);
  }
  expect(host.isClean).toBe(true);
});
