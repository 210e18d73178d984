import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyPlan } from '@masque-vpn/host';
import { CapsuleType, forbidden, notFound, unauthorized, unavailable } from '@masque-vpn/protocol';
import { ClientWorld, type RunningClient } from './testing/world.js';

let world: ClientWorld;
beforeEach(async () => {
  world = await ClientWorld.create();
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

const both = ['10.89.0.2/32', 'fd4d:5156:504e::2/128'];

/** Ends the client and returns the code of its failure; null when it had none. */
async function codeOf({ outcome }: RunningClient): Promise<string | null> {
  const ended = await outcome;
  return ended.ok ? null : ended.error.code;
}

describe('a tunnel', () => {
  it('puts assigned addresses, advertised routes and the path’s MTU on the host', async () => {
    world.proxy();
    const client = await world.start();
    expect(client.status()).toMatchObject({
      client: 'alice',
      server: 'vpn.example.org',
      interface: 'masque-alice',
      state: 'up',
      remoteAddress: '192.0.2.1:443',
      addresses: both,
      routes: ['0.0.0.0/0', '::/0'],
      tunnelMtu: 1400,
      attempts: 0,
      lastError: null,
    });
    expect(world.host.owner().plan.link).toEqual({ name: 'masque-alice', mtu: 1400, addresses: both });
    expect(client.engine.tun.options).toMatchObject({ name: 'masque-alice', backpressure: true });
    await client.stop();
  });

  it('carries packets both ways and counts them', async () => {
    const proxy = world.proxy();
    const client = await world.start();
    client.engine.tun.inject(ipv4Packet('10.89.0.2', '192.0.2.99'));
    await world.network.settle();
    expect(proxy.engine.tun.take()).toHaveLength(1);
    proxy.engine.tun.inject(ipv4Packet('192.0.2.99', '10.89.0.2'));
    await world.network.settle();
    expect(client.engine.tun.take()).toHaveLength(1);
    expect(client.status()).toMatchObject({ packetsUp: 1, packetsDown: 1, bytesUp: 28, bytesDown: 28 });
    await client.stop();
  });

  it('sends the request of RFC 9484 §4.4 with its instance (CIP-301, CIP-310)', async () => {
    const proxy = world.proxy();
    const client = await world.start();
    const [request] = proxy.requests;
    expect(request?.headers.slice(0, 6)).toEqual([
      [':method', 'CONNECT'],
      [':protocol', 'connect-ip'],
      [':scheme', 'https'],
      [':authority', 'vpn.example.org'],
      [':path', '/.well-known/masque/ip/*/*/'],
      ['capsule-protocol', '?1'],
    ]);
    expect(proxy.instances[0]).toMatch(/^[0-9a-f-]{36}$/);
    await client.stop();
  });

  it('follows changed addresses and routes while it is up (CIP-704, CIP-804)', async () => {
    const proxy = world.proxy();
    const client = await world.start();
    proxy.change(['10.89.0.9/32'], ['10.0.0.0/8']);
    await world.network.settle();
    expect(client.status()).toMatchObject({ addresses: ['10.89.0.9/32'], routes: ['10.0.0.0/8'] });
    await client.stop();
  });

  it('follows the path’s MTU, up to what the profile allows (CIP-1202)', async () => {
    world.proxy();
    const profile = world.profile({ tunnel: { name: 'vpn0', mtu: 1390, routes: null, exclude: [] } });
    const client = await world.start({ profile });
    expect(world.host.owner().plan.link).toMatchObject({ name: 'vpn0', mtu: 1390 });
    client.engine.setTunnelMtu(1300);
    await world.network.settle();
    expect(world.host.owner().plan.link?.mtu).toBe(1300);
    expect(client.status().tunnelMtu).toBe(1300);
    await client.stop();
  });

  it('routes only what the profile allows (CIP-808)', async () => {
    world.proxy();
    const profile = world.profile({
      tunnel: { name: null, mtu: null, routes: ['10.0.0.0/8'], exclude: ['10.128.0.0/9'] },
    });
    const client = await world.start({ profile });
    expect(client.status().routes).toEqual(['10.0.0.0/9']);
    await client.stop();
  });

  it('asks for an address after 500 ms and gives up after 5 s (CIP-713)', async () => {
    const proxy = world.proxy();
    proxy.behaviour.assigned = [];
    const client = await world.start({ once: true });
    expect(proxy.received).toEqual([]);
    await world.pass(500);
    expect(proxy.received).toEqual([CapsuleType.addressRequest]);
    await world.pass(4_500);
    expect(await codeOf(client)).toBe('TUNNEL_NO_ADDRESS');
  });

  it('reopens an interface that was deleted', async () => {
    world.proxy();
    const client = await world.start();
    client.engine.tun.lose();
    await world.network.settle();
    expect(client.status()).toMatchObject({ state: 'waiting', lastError: { code: 'CLIENT_TUN_LOST' } });
    await world.pass(1_000);
    expect(client.status().state).toBe('up');
    expect(client.engine.tun.options?.name).toBe('masque-alice');
    await client.stop();
  });
});

describe('the end', () => {
  it('ends the session in order and leaves the host as it was (CIP-1304)', async () => {
    const proxy = world.proxy();
    const client = await world.start();
    expect((await client.stop()).ok).toBe(true);
    await world.network.settle();
    expect(proxy.ends).toEqual(['peerFinished']);
    expect(world.host.isClean).toBe(true);
    expect(client.engine.tun.options).toBeNull();
  });

  it('does not wait long for a server that is gone', async () => {
    const proxy = world.proxy();
    const client = await world.start();
    proxy.engine.kill();
    expect((await client.stop()).ok).toBe(true);
    expect(world.host.isClean).toBe(true);
  });

  it('stops at once while it waits for the next attempt', async () => {
    world.addresses = [];
    const client = await world.start();
    expect(client.status().state).toBe('waiting');
    expect((await client.stop()).ok).toBe(true);
  });

  it('cleans up what a crashed predecessor left', async () => {
    const proxy = world.proxy();
    const first = await world.start();
    first.engine.kill();
    world.host.crash();
    expect(world.host.isClean).toBe(false);
    await first.stop();
    const second = await world.start();
    expect(world.log.some(({ msg }) => msg.includes('crashed'))).toBe(true);
    expect(second.status().state).toBe('up');
    expect(new Set(proxy.instances).size).toBe(1);
    await second.stop();
    expect(world.host.isClean).toBe(true);
  });
});

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

describe('before any packet leaves', () => {
  it('a template that cannot be used is refused (CIP-202)', async () => {
    const client = await world.start({ profile: world.profile({ url: 'https://{target}/' }) });
    expect(await codeOf(client)).toBe('PROFILE_TEMPLATE_INVALID');
    expect(world.resolved).toBe(0);
  });

  it('an expired certificate is refused', async () => {
    const { chainPem, keyPem } = await world.authority.client('alice', { endsInMs: -1000 });
    const client = await world.start({
      profile: world.profile({ certificate: chainPem, privateKey: keyPem }),
    });
    expect(await codeOf(client)).toBe('PROFILE_CERTIFICATE_EXPIRED');
  });

  it('a key of another certificate is refused', async () => {
    const { keyPem } = await world.authority.client('alice');
    const client = await world.start({ profile: world.profile({ privateKey: keyPem }) });
    expect(await codeOf(client)).toBe('PROFILE_CERTIFICATE_INVALID');
  });

  it('a second client of the same profile is refused', async () => {
    world.proxy();
    const first = await world.start();
    expect(await codeOf(await world.start())).toBe('CLIENT_ALREADY_RUNNING');
    expect(first.status().state).toBe('up');
    await first.stop();
  });

  it('a host that lets nobody change it is told apart', async () => {
    world.host.failNextOpen({ code: 'HOST_PERMISSION_DENIED', message: 'CAP_NET_ADMIN is missing' });
    const client = await world.start();
    expect(await codeOf(client)).toBe('CLIENT_PERMISSION_DENIED');
    expect(world.resolved).toBe(0);
  });
});

/** A UDP packet without data. */
function ipv4Packet(source: string, destination: string): Uint8Array {
  const packet = new Uint8Array(28);
  packet.set([0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0]);
  packet.set(source.split('.').map(Number), 12);
  packet.set(destination.split('.').map(Number), 16);
  packet.set([0x30, 0x39, 0, 53, 0, 8, 0, 0], 20);
  let sum = 0;
  for (let at = 0; at < 20; at += 2) sum += ((packet[at] ?? 0) << 8) + (packet[at + 1] ?? 0);
  sum = (sum & 0xffff) + (sum >> 16);
  packet.set([(~sum >> 8) & 0xff, ~sum & 0xff], 10);
  return packet;
}
