import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CapsuleType, type DnsConfiguration } from '@masque-vpn/protocol';
import { defaultTunnel } from './profile/profile.js';
import { formatProfile } from './profile/text.js';
import { ipv4Packet } from './testing/packet.js';
import { ClientWorld, codeOf } from './testing/world.js';

let world: ClientWorld;
beforeEach(async () => {
  world = await ClientWorld.create();
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

const both = ['10.89.0.2/32', 'fd4d:5156:504e::2/128'];

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
    const profile = world.profile({
      tunnel: { ...defaultTunnel, name: 'vpn0', mtu: 1390 },
    });
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
      tunnel: { ...defaultTunnel, routes: ['10.0.0.0/8'], exclude: ['10.128.0.0/9'] },
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

describe('DNS (draft-ietf-masque-connect-ip-dns-06)', () => {
  const plain = (value: bigint, priority: number): DnsConfiguration['nameservers'][number] => ({
    ...{ priority, name: '', parameters: [] },
    addresses: [{ family: 4, value }],
  });
  const told: DnsConfiguration = {
    nameservers: [plain(0x0a00_0036n, 2), plain(0x0a00_0035n, 1)],
    internalDomains: [''],
    searchDomains: ['corp.example'],
  };
  const shown = {
    nameservers: [
      { addresses: ['10.0.0.53'], name: null },
      { addresses: ['10.0.0.54'], name: null },
    ],
    internalDomains: ['.'],
    searchDomains: ['corp.example'],
  };

  it('is shown as long as the session says so, and changes nothing on the host', async () => {
    const proxy = world.proxy();
    const client = await world.start();
    const before = world.host.owner().plan;
    expect(client.status().dns).toEqual([]);
    proxy.changeDns([told]);
    await world.network.settle();
    expect(client.status()).toMatchObject({ state: 'up', dns: [shown] });
    expect(world.host.owner().plan).toEqual(before);
    proxy.changeDns([]);
    await world.network.settle();
    expect(client.status().dns).toEqual([]);
    await client.stop();
  });

  it('that comes with the session is shown from the beginning, and gone with it', async () => {
    const proxy = world.proxy();
    proxy.behaviour.dns = [told];
    const client = await world.start();
    expect(client.status().dns).toEqual([shown]);
    proxy.finish();
    await world.network.settle();
    expect(client.status()).toMatchObject({ state: 'waiting', dns: [] });
    await client.stop();
  });

  it('that is malformed ends the tunnel', async () => {
    const proxy = world.proxy();
    const client = await world.start();
    proxy.sendRaw({ type: CapsuleType.dnsAssign, value: Uint8Array.of(1, 0, 0) });
    await world.network.settle();
    expect(client.status()).toMatchObject({ lastError: { code: 'TUNNEL_PROTOCOL_ERROR' } });
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

describe('site to site (CIP-717)', () => {
  const site = { ...defaultTunnel, advertise: ['10.20.0.0/16', '10.20.4.0/24'] };

  it('offers the networks behind this machine, and carries their packets within the grant', async () => {
    const proxy = world.proxy();
    proxy.behaviour.behind = ['10.20.0.0/16'];
    const client = await world.start({ profile: world.profile({ tunnel: site }) });
    expect(proxy.received).toEqual([CapsuleType.routeAdvertisement]);
    expect(client.status()).toMatchObject({ state: 'up', advertised: ['10.20.0.0/16', '10.20.4.0/24'] });
    client.engine.tun.inject(ipv4Packet('10.20.0.7', '192.0.2.99'));
    client.engine.tun.inject(ipv4Packet('10.21.0.7', '192.0.2.99'));
    await world.network.settle();
    expect(proxy.engine.tun.take()).toHaveLength(1);
    proxy.engine.tun.inject(ipv4Packet('192.0.2.99', '10.20.0.7'));
    await world.network.settle();
    expect(client.engine.tun.take()).toHaveLength(1);
    await client.stop();
    expect(world.host.isClean).toBe(true);
  });

  it('forwards out of the tunnel only to what was offered', async () => {
    world.proxy();
    world.host.network = {
      ...world.host.network,
      routes: [
        ...world.host.network.routes,
        {
          family: 4,
          prefix: '10.20.0.0/16',
          interface: 'eth0',
          gateway: null,
          metric: 0,
          protocol: 'kernel',
        },
      ],
    };
    world.host.sysctls.set('net/ipv4/conf/all/forwarding', '0');
    world.host.sysctls.set('net/ipv4/conf/eth0/forwarding', '0');
    const client = await world.start({ profile: world.profile({ tunnel: site }) });
    const { nft, sysctls } = world.host.owner().plan;
    expect(sysctls).toEqual(
      expect.arrayContaining([
        { key: 'net/ipv4/conf/eth0/forwarding', value: '1', optional: true },
        { key: 'net/ipv4/conf/masque-alice/forwarding', value: '1', optional: true },
      ]),
    );
    expect(sysctls.map(({ key }) => key).join(' ')).not.toMatch(/ipv6\S*forwarding/);
    expect(nft?.sets).toContainEqual({ name: 'behind4', family: 4, prefixes: ['10.20.0.0/16'] });
    const forward = nft?.chains.find(({ name }) => name === 'forward');
    expect(forward?.rules.map(({ verdict }) => verdict)).toEqual([
      'drop',
      'accept',
      'accept',
      'drop',
      'drop',
    ]);
    await client.stop();
  });

  it('says when a network that is offered cannot be reached', async () => {
    world.proxy();
    const client = await world.start({ profile: world.profile({ tunnel: site }) });
    expect(world.log.map(({ msg }) => msg)).toContain(
      '10.20.0.0/16 is offered to the server, but this host has no route there',
    );
    await client.stop();
  });

  it('forwards nothing for a machine without networks behind it', async () => {
    world.proxy();
    const client = await world.start();
    const { nft, sysctls } = world.host.owner().plan;
    expect(nft?.chains.map(({ name }) => name)).toEqual(['prerouting']);
    expect(sysctls.map(({ key }) => key).join(' ')).not.toContain('forwarding');
    await client.stop();
  });
});

describe('new credentials in the profile’s file', () => {
  it('are used by the next connection, while the session stays (renewal)', async () => {
    const proxy = world.proxy();
    const path = join(world.directory, 'alice.toml');
    const profile = world.profile();
    await writeFile(path, formatProfile(profile), { mode: 0o600 });
    const client = await world.start({ profile, profilePath: path });
    await world.until(() => client.status().state === 'up');
    const { chainPem, keyPem } = await world.authority.client('alice', { endsInMs: 3 * 86_400_000 });
    await writeFile(path, formatProfile({ ...profile, certificate: chainPem, privateKey: keyPem }));
    await world.pass(1_000);
    expect(client.status().state).toBe('up');
    proxy.finish();
    await world.until(() => proxy.requests.length === 2);
    const [first, second] = proxy.requests.map(({ leafSha256 }) => leafSha256);
    expect(second).toBe(new X509Certificate(chainPem).fingerprint256.replaceAll(':', '').toLowerCase());
    expect(first).not.toBe(second);
    await client.stop();
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
