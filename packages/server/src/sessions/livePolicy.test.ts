import {
  CapsuleType,
  encodeDnsAssign,
  encodeRouteAdvertisement,
  formatAddress,
  prefixRange,
  type DnsConfiguration,
} from '@masque-vpn/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Credential } from '../testing/credential.js';
import { TestClient } from '../testing/testClient.js';
import { prefixOf, TestServer } from '../testing/testServer.js';

let server: TestServer;
let credential: Credential;
let alice: TestClient;

beforeEach(async () => {
  server = await TestServer.start();
  credential = await server.addClient('alice');
  alice = await server.connected(credential);
});
afterEach(() => server[Symbol.asyncDispose]());

async function api(method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await server.call(method, `/api/v1${path}`, body);
  if (answer.status >= 300) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

function limits(change: unknown): Promise<unknown> {
  return api('PATCH', '/clients/alice', { limits: change });
}

/** Waits until the last ROUTE_ADVERTISEMENT says this. */
async function advertised(
  client: TestClient,
  sessionId: Parameters<TestClient['routes']>[0],
  starts: string,
): Promise<void> {
  await server.until(starts, async () => {
    const routes = await client.routes(sessionId);
    return routes.map(({ start }) => start).join(' ') === starts;
  });
}

describe('routes', () => {
  test('of a live session follow those of its client and its groups, and the session stays', async () => {
    const { sessionId } = await alice.request();
    await advertised(alice, sessionId, '0.0.0.0 ::');
    await limits({ routes: ['10.20.0.0/16'] });
    await advertised(alice, sessionId, '10.20.0.0');
    await api('POST', '/groups', { id: 'branch', limits: { routes: ['10.30.0.0/16', 'fd30::/32'] } });
    await api('PUT', '/groups/branch/members/alice');
    await limits({ routes: null });
    await advertised(alice, sessionId, '10.30.0.0 fd30::');
    await api('DELETE', '/groups/branch/members/alice');
    await advertised(alice, sessionId, '0.0.0.0 ::');
    expect(alice.closeOf(sessionId)).toBeNull();
  });

  test('stay within what the session was asked for', async () => {
    const headers = TestClient.headers({
      path: '/.well-known/masque/ip/10.20.0.0%2F16/17/',
    });
    const { sessionId } = await alice.request(headers);
    await limits({ routes: ['10.20.5.0/24', '10.30.0.0/16'] });
    await advertised(alice, sessionId, '10.20.5.0');
    expect(await alice.routes(sessionId)).toMatchObject([{ end: '10.20.5.255', protocol: 17 }]);
  });

  test('of a new session are those of the moment', async () => {
    await limits({ routes: ['10.20.0.0/16'] });
    const { sessionId } = await alice.request();
    await advertised(alice, sessionId, '10.20.0.0');
  });
});

describe('DNS', () => {
  const dns = { servers: ['10.20.0.53', 'fd20::53'], searchDomains: ['Corp.example'] };

  function text(told: readonly DnsConfiguration[]): string {
    return told
      .map(({ nameservers, internalDomains, searchDomains }) =>
        JSON.stringify([
          nameservers.map(({ priority, addresses }) => `${priority} ${addresses.map(formatAddress).join()}`),
          internalDomains,
          searchDomains,
        ]),
      )
      .join();
  }

  /** Waits until the last DNS_ASSIGN says this. */
  async function told(sessionId: Parameters<TestClient['dns']>[0], expected: string): Promise<void> {
    await server.until(expected, async () => text(await alice.dns(sessionId)) === expected);
  }

  const ofClient = '[["1 10.20.0.53","2 fd20::53"],[""],["corp.example"]]';

  test('follows addresses and routes when a session opens', async () => {
    await limits({ dns });
    const { sessionId } = await alice.request();
    await told(sessionId, ofClient);
    const { addressAssign, routeAdvertisement, dnsAssign } = CapsuleType;
    expect(alice.capsuleTypes(sessionId)).toEqual([addressAssign, routeAdvertisement, dnsAssign]);
  });

  test('of a live session follows that of its client and its groups, and the session stays', async () => {
    const { sessionId } = await alice.request();
    await advertised(alice, sessionId, '0.0.0.0 ::');
    expect(alice.capsuleTypes(sessionId)).not.toContain(CapsuleType.dnsAssign);
    await limits({ dns });
    await told(sessionId, ofClient);
    await api('POST', '/groups', {
      id: 'branch',
      limits: { dns: { servers: [], searchDomains: ['b.example'] } },
    });
    await api('PUT', '/groups/branch/members/alice');
    await limits({ dns: null });
    await told(sessionId, '[[],[],["b.example"]]');
    await limits({ dns: { servers: [], searchDomains: [] } });
    await told(sessionId, '');
    expect(alice.closeOf(sessionId)).toBeNull();
  });

  test('is not said again when something else changes, and always after the routes', async () => {
    await limits({ dns });
    const { sessionId } = await alice.request();
    await told(sessionId, ofClient);
    await limits({ rateUpBytesPerSecond: 1_000_000 });
    await limits({ routes: ['10.20.0.0/16'], dns: { ...dns, searchDomains: [] } });
    await told(sessionId, '[["1 10.20.0.53","2 fd20::53"],[""],[]]');
    const { addressAssign, routeAdvertisement: routes, dnsAssign } = CapsuleType;
    expect(alice.capsuleTypes(sessionId)).toEqual([addressAssign, routes, dnsAssign, routes, dnsAssign]);
  });

  test('is no business of a session for one target', async () => {
    await limits({ dns });
    const path = '/.well-known/masque/ip/10.20.0.0%2F16/17/';
    const { sessionId } = await alice.request(TestClient.headers({ path }));
    await limits({ routes: ['10.20.5.0/24'], dns: { ...dns, searchDomains: [] } });
    await advertised(alice, sessionId, '10.20.5.0');
    expect(alice.capsuleTypes(sessionId)).not.toContain(CapsuleType.dnsAssign);
  });

  test('that a client sends is ignored', async () => {
    const { sessionId } = await alice.request();
    const malformed = { type: CapsuleType.dnsAssign, value: Uint8Array.of(9) };
    alice.engine.sendCapsules(sessionId, [encodeDnsAssign([]), malformed]);
    await limits({ routes: ['10.20.0.0/16'] });
    await advertised(alice, sessionId, '10.20.0.0');
    expect(alice.closeOf(sessionId)).toBeNull();
  });
});

describe('admission', () => {
  test('counts sessions by the limit of the client, else of its group, else of the server', async () => {
    await api('PATCH', '/groups/default', { limits: { maxSessions: 1 } });
    expect((await alice.request()).status).toBe(200);
    expect((await alice.request()).status).toBe(503);
    expect(server.refusals).toEqual(['LIMIT_PER_CLIENT']);
    await limits({ maxSessions: 2 });
    expect((await alice.request()).status).toBe(200);
    expect((await alice.request()).status).toBe(503);
  });

  test('refuses a client whose quota is used up, until it is raised', async () => {
    await limits({ monthlyQuotaBytes: 0 });
    const refused = await alice.request();
    expect([refused.status, server.refusals]).toEqual([429, ['QUOTA_EXCEEDED']]);
    expect(refused.headers['retry-after']).toBe('300');
    await limits({ monthlyQuotaBytes: null });
    expect((await alice.request()).status).toBe(200);
  });

  test('a live session whose quota is used up ends within a second, and its record says why', async () => {
    const { sessionId } = await alice.request();
    await limits({ monthlyQuotaBytes: 0 });
    server.clock.advance(1_000);
    await alice.ended(sessionId);
    await server.until('the record', () => {
      server.clock.advance(100);
      return server.logs.some(({ msg, reason }) => msg === 'session closed' && reason === 'QUOTA_EXCEEDED');
    });
  });
});

describe('a fixed address', () => {
  test('is the client’s from its next session on, for one session at a time', async () => {
    const { sessionId } = await alice.request();
    const [before] = await alice.addresses(sessionId);
    await limits({ fixedIpv4: '10.89.0.200' });
    expect(await alice.addresses(sessionId)).toContain(before);
    alice.disconnect();
    const again = await server.connected(credential);
    const second = await again.request();
    expect(await again.addresses(second.sessionId)).toContain('10.89.0.200');
    const third = await again.request();
    expect(await again.addresses(third.sessionId)).not.toContain('10.89.0.200');
  });

  test('nobody else gets it, and nobody can claim what another holds', async () => {
    await limits({ fixedIpv4: '10.89.0.200' });
    await server.addClient('bob');
    const code = async (body: unknown): Promise<unknown> =>
      (await server.call('PATCH', '/api/v1/clients/bob', { limits: body })).body;
    expect(await code({ fixedIpv4: '10.89.0.200' })).toMatchObject({ code: 'FIXED_ADDRESS_TAKEN' });
    expect(await code({ fixedIpv4: '10.89.0.1' })).toMatchObject({ code: 'FIXED_ADDRESS_OUTSIDE_POOL' });
    const { sessionId } = await alice.request();
    const six = (await alice.addresses(sessionId)).find((address) => address.includes(':'));
    expect(await code({ fixedIpv6: six })).toMatchObject({ code: 'FIXED_ADDRESS_IN_USE' });
  });
});

describe('the host', () => {
  const forward = { protocol: 'tcp', publicPort: 2222, clientId: 'alice', clientPort: 22 };

  function translations(): readonly unknown[] {
    const chains = server.host.owner().plan.nft?.chains ?? [];
    return chains
      .flatMap(({ rules }) => rules)
      .flatMap(({ verdict }) => (typeof verdict === 'object' ? [`${verdict.address} ${verdict.port}`] : []));
  }

  test('has forwards lead to where the client is, and nowhere while it is away', async () => {
    await api('POST', '/port-forwards', forward);
    expect(translations()).toEqual([]);
    const { sessionId } = await alice.request();
    const [ipv4 = '', ipv6 = ''] = await alice.addresses(sessionId);
    await server.until('the forward', () => translations().length > 0);
    expect(translations()).toEqual([`${ipv4} 22`, `${ipv6} 22`]);
    alice.disconnect();
    await server.until('the forward to be gone', () => translations().length === 0);
  });

  test('routes what a client offers within its grants into the tunnel, and no more', async () => {
    await api('POST', '/clients/alice/prefixes', { prefix: '192.168.7.0/24' });
    const offer = ['192.168.7.0/24', '192.168.8.0/24'].map((text) => ({
      range: prefixRange(prefixOf(text)),
      protocol: 0,
    }));
    const routed = (): readonly string[] => server.host.owner().plan.routes.map(({ prefix }) => prefix);
    const { sessionId } = await alice.request();
    alice.engine.sendCapsules(sessionId, [encodeRouteAdvertisement(offer)]);
    await server.until('the route', () => routed().includes('192.168.7.0/24'));
    expect(routed()).not.toContain('192.168.8.0/24');
    // A second session that offers the same takes it over; when it ends the first has it again.
    const second = await alice.request();
    alice.engine.sendCapsules(second.sessionId, [encodeRouteAdvertisement(offer)]);
    await server.network.settle();
    expect(server.logs.filter(({ msg }) => msg === 'forwarding was not updated')).toEqual([]);
    alice.engine.finish(second.sessionId);
    await server.network.settle();
    expect(routed()).toContain('192.168.7.0/24');
    const { items } = (await api('GET', '/clients/alice/prefixes')) as {
      items: { id: string; active: boolean }[];
    };
    expect(items).toMatchObject([{ active: true }]);
    await api('DELETE', `/clients/alice/prefixes/${items[0]?.id ?? ''}`);
    await server.until('the route to be gone', () => !routed().includes('192.168.7.0/24'));
    expect(alice.closeOf(sessionId)).toBeNull();
  });

  test('lets hosts outside towards clients where a rule is about them', async () => {
    await api('POST', '/rules', {
      action: 'allow',
      subject: { kind: 'prefixes', prefixes: ['203.0.113.0/24'] },
      destination: { kind: 'client', id: 'alice' },
    });
    await server.until('the set', () => {
      const sets = server.host.owner().plan.nft?.sets ?? [];
      return sets.some(({ name, prefixes }) => name === 'inbound4' && prefixes.includes('203.0.113.0/24'));
    });
  });
});
