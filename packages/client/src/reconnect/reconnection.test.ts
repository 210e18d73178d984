import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyPlan } from '@masque-vpn/host';
import { forbidden, notFound, unauthorized, unavailable } from '@masque-vpn/protocol';
import { ipv4Packet } from '../testing/packet.js';
import { ClientWorld, codeOf } from '../testing/world.js';

let world: ClientWorld;
beforeEach(async () => {
  world = await ClientWorld.create();
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

const both = ['10.89.0.2/32', 'fd4d:5156:504e::2/128'];

describe('reconnection', () => {
  it('comes back with the same addresses, the host unchanged in between', async () => {
    const dead = world.proxy();
    const client = await world.start();
    const changes = world.host.owner().history.length;
    dead.engine.kill();
    await world.pass(30_000);
    expect(client.status()).toMatchObject({
      state: 'waiting',
      lastError: { code: 'TUNNEL_LOST' },
      addresses: both,
    });
    expect(world.host.owner().plan.link?.addresses).toEqual(both);
    const again = world.proxy();
    await world.pass(5_000);
    expect(client.status()).toMatchObject({ state: 'up', addresses: both, attempts: 0 });
    expect(again.instances).toEqual(dead.instances);
    expect(world.host.owner().history).toHaveLength(changes + 1);
    await client.stop();
  });

  it('looks at the host while the server is asked', async () => {
    const client = await world.start();
    expect(client.status().state).toBe('connecting');
    expect(world.host.owner().looks).toEqual([{ link: 'masque-alice', nft: 'masque_vpn_client' }]);
    await client.stop();
  });

  it('does not look ahead while a lost tunnel is in place', async () => {
    const dead = world.proxy();
    const client = await world.start();
    dead.engine.kill();
    await world.pass(30_000);
    world.proxy();
    await world.pass(5_000);
    expect(client.status().state).toBe('up');
    expect(world.host.owner().looks).toHaveLength(1);
    await client.stop();
  });

  it('does not ask a resolver that would sit behind the lost tunnel', async () => {
    const dead = world.proxy();
    const client = await world.start();
    dead.engine.kill();
    await world.pass(30_000);
    world.addresses = [];
    world.proxy();
    await world.pass(5_000);
    expect(client.status().state).toBe('up');
    expect(world.resolved).toBe(1);
    await client.stop();
  });

  it('takes the routes away when the server does not come back in time (CIP-1305)', async () => {
    const proxy = world.proxy();
    const client = await world.start();
    proxy.engine.kill();
    await world.pass(30_000);
    for (let second = 0; second < 19; second += 1) await world.pass(1_000);
    expect(world.host.owner().plan).not.toEqual(emptyPlan);
    await world.pass(2_000);
    expect(world.host.owner().plan).toEqual(emptyPlan);
    expect(client.status()).toMatchObject({ addresses: [], routes: [], tunnelMtu: null });
    const again = world.proxy();
    for (let second = 0; second < 60; second += 1) await world.pass(1_000);
    expect(again.requests).toHaveLength(1);
    expect(client.status()).toMatchObject({ state: 'up', addresses: both });
    await client.stop();
  });

  it('takes the routes away at once when the server says no', async () => {
    const proxy = world.proxy();
    const client = await world.start();
    proxy.behaviour.refusal = forbidden('CLIENT_DISABLED', '');
    proxy.finish();
    await world.network.settle();
    await world.pass(1_000);
    expect(client.status().lastError?.code).toBe('SERVER_REFUSED_CLIENT');
    expect(world.host.owner().plan).toEqual(emptyPlan);
    await client.stop();
  });

  it('keeps its counters over sessions', async () => {
    const proxy = world.proxy();
    const client = await world.start();
    client.engine.tun.inject(ipv4Packet('10.89.0.2', '192.0.2.99'));
    await world.network.settle();
    proxy.finish();
    await world.network.settle();
    await world.pass(1_000);
    client.engine.tun.inject(ipv4Packet('10.89.0.2', '192.0.2.99'));
    await world.network.settle();
    expect(client.status()).toMatchObject({ state: 'up', packetsUp: 2 });
    await client.stop();
  });

  it('tries the next address beside one that does not answer (RFC 8305 §5)', async () => {
    world.addresses = ['2001:db8::1', '192.0.2.1'];
    world.proxy();
    const client = await world.start();
    expect(client.status().state).toBe('connecting');
    await world.pass(250);
    expect(client.status()).toMatchObject({ state: 'up', remoteAddress: '192.0.2.1:443' });
    await client.stop();
  });
});

describe('a refusal', () => {
  it.each([
    ['SERVER_REFUSED_IDENTITY', unauthorized('X', '')],
    ['SERVER_PATH_UNKNOWN', notFound('X', '')],
  ])('%s ends the client: the same request gets the same answer', async (code, refusal) => {
    world.proxy().behaviour.refusal = refusal;
    const client = await world.start();
    expect(await codeOf(client)).toBe(code);
    expect(world.host.isClean).toBe(true);
  });

  it('of a disabled client is asked again slowly, saying why', async () => {
    const proxy = world.proxy();
    proxy.behaviour.refusal = forbidden('CLIENT_DISABLED', '');
    const client = await world.start();
    expect(client.status()).toMatchObject({ state: 'waiting', lastError: { code: 'SERVER_REFUSED_CLIENT' } });
    await world.pass(10_000);
    expect(proxy.requests).toHaveLength(1);
    proxy.behaviour.refusal = null;
    await world.pass(20_000);
    expect(client.status().state).toBe('up');
    await client.stop();
  });

  it('of a full server waits at least as long as it asks for', async () => {
    const proxy = world.proxy();
    proxy.behaviour.refusal = unavailable('POOL_EXHAUSTED', '', 30);
    const client = await world.start();
    expect(client.status().lastError).toMatchObject({
      code: 'SERVER_BUSY',
      message: expect.stringContaining('connection_limit_reached') as string,
    });
    await world.pass(29_000);
    expect(proxy.requests).toHaveLength(1);
    await world.pass(10_000);
    expect(proxy.requests).toHaveLength(2);
    await client.stop();
  });

  it('by a TLS alert says what is wrong with the certificate', async () => {
    const elsewhere = await ClientWorld.create();
    world.proxy({ anchorsPem: elsewhere.authority.pem });
    const client = await world.start();
    expect(await client.outcome).toMatchObject({
      ok: false,
      error: {
        code: 'SERVER_REFUSED_CERTIFICATE',
        message: expect.stringContaining('another authority') as string,
      },
    });
    await elsewhere[Symbol.asyncDispose]();
  });

  it('by the client of a server with another name (CIP-102)', async () => {
    const proxy = world.proxy({ certificate: await world.authority.server('other.example.org') });
    const client = await world.start({ once: true });
    expect(await codeOf(client)).toBe('SERVER_CERTIFICATE_REFUSED');
    expect(proxy.requests).toEqual([]);
  });

  it('by the client of a server without extended CONNECT (CIP-109)', async () => {
    const proxy = world.proxy({ settings: { extendedConnect: false, datagrams: true } });
    const client = await world.start();
    expect(await codeOf(client)).toBe('SERVER_EXTENDED_CONNECT_MISSING');
    expect(proxy.requests).toEqual([]);
  });

  it('by silence ends an attempt after 10 s', async () => {
    const client = await world.start({ once: true });
    await world.pass(10_000);
    expect(await codeOf(client)).toBe('SERVER_UNREACHABLE');
  });

  it('by a server that never answers the request ends an attempt after 10 s', async () => {
    world.proxy().behaviour.answers = false;
    const client = await world.start({ once: true });
    await world.pass(10_000);
    expect(await codeOf(client)).toBe('SERVER_FAULT');
  });
});
