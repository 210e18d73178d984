import { describe, expect, it } from 'vitest';
import { encodeAddressAssign, encodeAddressRequest } from '../addressCapsule.js';
import type { Capsule } from '../capsule.js';
import { decodeControlCapsule } from '../controlCapsule.js';
import type { DnsConfiguration } from '../dns.js';
import { encodeDnsAssign } from '../dnsCapsule.js';
import { formatPrefix, type Prefix } from '../prefix.js';
import type { Route } from '../route.js';
import { encodeRouteAdvertisement } from '../routeCapsule.js';
import { ip, must, net, route, span } from '../testing/parse.js';
import { ClientSession, type ClientSessionOptions, type ClientStep } from './client.js';

const NOTHING = { capsules: [], tunnel: null, dns: null, notices: [], abort: null };
const T0 = 1_000_000;

function opened(options?: ClientSessionOptions): ClientSession {
  const session = new ClientSession(options);
  session.opened(T0);
  return session;
}

const assign = (...entries: readonly (readonly [id: number, prefix: string])[]): Capsule =>
  encodeAddressAssign(entries.map(([id, prefix]) => ({ requestId: BigInt(id), prefix: net(prefix) })));
const advertise = (...routes: readonly Route[]): Capsule => encodeRouteAdvertisement(routes);
const texts = (prefixes: readonly Prefix[] | undefined): string[] | undefined => prefixes?.map(formatPrefix);

/** Addresses and OS routes of a step. */
const view = ({ tunnel }: ClientStep) => ({
  addresses: texts(tunnel?.addresses),
  prefixes: texts(tunnel?.prefixes),
});

function requestsIn(step: ClientStep): string[] {
  return step.capsules.flatMap((capsule) => {
    const content = must(decodeControlCapsule(capsule));
    if (content.kind !== 'addressRequest') throw new Error(content.kind);
    return content.requests.map(({ requestId, prefix }) => `${requestId} ${formatPrefix(prefix)}`);
  });
}

describe('getting addresses (CIP-713)', () => {
  it('needs no request if the proxy assigns in time', () => {
    const session = opened();
    expect(session.state).toBe('awaitingAddresses');
    expect(session.deadlineMs).toBe(T0 + 500);
    const step = session.receive(
      [assign([0, '192.0.2.11'], [0, '2001:db8::b']), advertise(route('0.0.0.0/0'), route('::/0'))],
      T0 + 50,
    );
    expect(view(step)).toEqual({
      addresses: ['192.0.2.11/32', '2001:db8::b/128'],
      prefixes: ['0.0.0.0/0', '::/0'],
    });
    expect(step).toMatchObject({ capsules: [], notices: [], abort: null });
    expect(session.state).toBe('up');
    expect(session.deadlineMs).toBeNull();
    expect(session.handleTimeout(T0 + 10_000)).toEqual(NOTHING);
  });

  it('asks a silent proxy after 500 ms, once, and gives up after 5 s', () => {
    const session = opened();
    expect(session.handleTimeout(T0 + 499)).toEqual(NOTHING);
    expect(requestsIn(session.handleTimeout(T0 + 500))).toEqual(['1 0.0.0.0/32', '2 ::/128']);
    expect(session.deadlineMs).toBe(T0 + 5000);
    expect(session.handleTimeout(T0 + 4999)).toEqual(NOTHING);
    expect(session.handleTimeout(T0 + 5000)).toMatchObject({
      abort: { code: 'SESSION_ADDRESS_TIMEOUT', httpErrorCode: 0x10c },
    });
    expect(session.state).toBe('closed');
    expect(session.deadlineMs).toBeNull();
  });

  it('is up with what a request brought, and says what was refused (CIP-706, CIP-708)', () => {
    const session = opened();
    session.handleTimeout(T0 + 500);
    const step = session.receive([assign([1, '192.0.2.11'], [2, '::/128'])], T0 + 600);
    expect(view(step)).toEqual({ addresses: ['192.0.2.11/32'], prefixes: [] });
    expect(step.notices).toEqual([{ kind: 'addressRefused', family: 6 }]);
    expect(session.state).toBe('up');
  });

  it('fails at once if everything it asked for is refused; nothing is configured (CIP-708)', () => {
    const session = opened();
    session.handleTimeout(T0 + 500);
    const step = session.receive([assign([1, '0.0.0.0/32'], [2, '::/128'])], T0 + 600);
    expect(step).toMatchObject({
      tunnel: null,
      abort: { code: 'SESSION_ADDRESS_REFUSED', httpErrorCode: 0x10c },
    });
    expect(step.notices).toHaveLength(2);
    expect(session.state).toBe('closed');
  });

  it('goes on waiting after an empty list, a refusal it did not ask for, or half of the answers', () => {
    const session = opened();
    expect(session.receive([assign(), assign([9, '0.0.0.0/32'])], T0 + 10)).toEqual(NOTHING);
    session.handleTimeout(T0 + 500);
    expect(session.receive([assign([2, '::/128'])], T0 + 600).abort).toBeNull();
    expect(session.state).toBe('awaitingAddresses');
  });

  it('asks for what it is told to', () => {
    const session = opened({ request: [net('192.0.2.11')], requestAfterMs: 10, addressTimeoutMs: 100 });
    expect(requestsIn(session.handleTimeout(T0 + 10))).toEqual(['1 192.0.2.11/32']);
    expect(session.deadlineMs).toBe(T0 + 100);
  });

  it('skips the request if time jumped past the timeout', () => {
    expect(opened().handleTimeout(T0 + 60_000).abort?.code).toBe('SESSION_ADDRESS_TIMEOUT');
  });
});

describe('ADDRESS_ASSIGN', () => {
  it('is the complete list: 2, then 1, then no address (CIP-704)', () => {
    const session = opened();
    const after = (capsule: Capsule) => view(session.receive([capsule], T0)).addresses;
    expect(after(assign([1, '192.0.2.11'], [2, '2001:db8::/64']))).toEqual([
      '192.0.2.11/32',
      '2001:db8::/64',
    ]);
    expect(after(assign([0, '192.0.2.11']))).toEqual(['192.0.2.11/32']);
    expect(after(assign())).toEqual([]);
  });

  it('that withdraws everything starts the wait again, with ids never used before (CIP-710)', () => {
    const session = opened();
    session.handleTimeout(T0 + 500);
    session.receive([assign([1, '192.0.2.11'])], T0 + 600);
    const step = session.receive([assign()], T0 + 60_000);
    expect(view(step).addresses).toEqual([]);
    expect(session.state).toBe('awaitingAddresses');
    expect(session.deadlineMs).toBe(T0 + 60_500);
    expect(requestsIn(session.handleTimeout(T0 + 60_500))).toEqual(['3 0.0.0.0/32', '4 ::/128']);
  });

  it('that says the same again changes nothing', () => {
    const session = opened();
    session.receive([assign([0, '192.0.2.11'], [0, '2001:db8::b'])], T0);
    expect(session.receive([assign([0, '2001:db8::b'], [7, '192.0.2.11'])], T0)).toEqual(NOTHING);
  });

  it('may list an address twice', () => {
    const step = opened().receive([assign([1, '192.0.2.11'], [2, '192.0.2.11'])], T0);
    expect(view(step).addresses).toEqual(['192.0.2.11/32']);
  });

  it.each([
    ['127.0.0.1/32', 'loopback'],
    ['169.254.1.1/32', 'linkLocal'],
    ['224.0.0.1/32', 'multicast'],
    ['255.255.255.255/32', 'broadcast'],
    ['240.0.0.1/32', 'reserved'],
    ['::1/128', 'loopback'],
    ['fe80::1/128', 'linkLocal'],
    ['ff02::1/128', 'multicast'],
    ['::ffff:10.0.0.1/128', 'ipv4Mapped'],
    ['0.0.0.0/0', 'tooWide'],
    ['::/0', 'tooWide'],
    ['10.0.0.0/23', 'tooWide'],
    ['2001:db8::/47', 'tooWide'],
  ])('of %s is parsed, not installed, and said once (CIP-716)', (text, reason) => {
    const session = opened();
    const step = session.receive([assign([0, text])], T0);
    expect(step).toEqual({ ...NOTHING, notices: [{ kind: 'addressIgnored', prefix: net(text), reason }] });
    expect(session.state).toBe('awaitingAddresses');
    expect(session.receive([assign([0, text])], T0)).toEqual(NOTHING);
  });

  it('may be as wide as the policy says (CIP-716)', () => {
    const policy = { shortestPrefix: { ipv4: 8, ipv6: 32 } };
    expect(view(opened({ policy }).receive([assign([0, '10.0.0.0/8'])], T0)).addresses).toEqual([
      '10.0.0.0/8',
    ]);
  });
});

describe('ROUTE_ADVERTISEMENT', () => {
  const up = (options?: ClientSessionOptions): ClientSession => {
    const session = opened(options);
    session.receive([assign([0, '192.0.2.11'])], T0);
    return session;
  };

  it('replaces all earlier routes (CIP-804)', () => {
    const session = up();
    const after = (...routes: readonly Route[]) => view(session.receive([advertise(...routes)], T0)).prefixes;
    expect(after(route('0.0.0.0/0'))).toEqual(['0.0.0.0/0']);
    expect(after(route('192.0.2.0-192.0.2.41'), route('192.0.2.43-192.0.2.255'))).toHaveLength(8);
    expect(after()).toEqual([]);
  });

  it('leads the OS only for families that have an address', () => {
    const session = up();
    expect(view(session.receive([advertise(route('0.0.0.0/0'), route('::/0'))], T0)).prefixes).toEqual([
      '0.0.0.0/0',
    ]);
    const step = session.receive([assign([0, '192.0.2.11'], [0, '2001:db8::b'])], T0);
    expect(view(step).prefixes).toEqual(['0.0.0.0/0', '::/0']);
    expect(step.tunnel?.routes).toEqual([route('0.0.0.0/0'), route('::/0')]);
  });

  it('counts before addresses come, too', () => {
    const session = opened();
    expect(view(session.receive([advertise(route('0.0.0.0/0'))], T0))).toEqual({
      addresses: [],
      prefixes: [],
    });
    expect(view(session.receive([assign([0, '192.0.2.11'])], T0)).prefixes).toEqual(['0.0.0.0/0']);
  });

  it('is cut down by the policy: allow list and exclusions (CIP-808)', () => {
    const excluding = up({ policy: { exclude: [span('10.0.0.0/8')] } });
    const step = excluding.receive([advertise(route('0.0.0.0/0', 17))], T0);
    expect(view(step).prefixes).not.toContain('10.0.0.0/8');
    expect(step.tunnel?.routes).toEqual([
      route('0.0.0.0-9.255.255.255', 17),
      route('11.0.0.0-255.255.255.255', 17),
    ]);
    const allowing = up({ policy: { allow: [span('10.0.0.0/8')], exclude: [span('10.128.0.0/9')] } });
    expect(view(allowing.receive([advertise(route('0.0.0.0/0'))], T0)).prefixes).toEqual(['10.0.0.0/9']);
  });

  it('that would flood the route table aborts (CIP-806)', () => {
    const session = up({ policy: { maxPrefixes: 61 } });
    expect(session.receive([advertise(route('0.0.0.1-255.255.255.254'))], T0)).toMatchObject({
      tunnel: null,
      abort: { code: 'SESSION_ROUTES_TOO_FINE', httpErrorCode: 0x107 },
    });
    expect(session.state).toBe('closed');
  });
});

describe('networks behind us (CIP-717)', () => {
  it('are advertised with the 2xx, once, sorted and merged (CIP-805)', () => {
    const session = new ClientSession({
      advertise: [net('2001:db8:20::/48'), net('10.20.128.0/17'), net('10.20.0.0/17')],
    });
    expect(session.opened(T0)).toEqual([advertise(route('10.20.0.0/16'), route('2001:db8:20::/48'))]);
    expect(session.opened(T0)).toEqual([]);
  });

  it('are no topic for a client without any', () => {
    expect(new ClientSession().opened(T0)).toEqual([]);
  });
});

describe('other input', () => {
  it('aborts on a malformed capsule, and nothing follows (CIP-703)', () => {
    const session = opened();
    const malformed = { type: 1n, value: Uint8Array.from([0, 4, 192, 0, 2, 11, 24]) };
    const step = session.receive([assign([0, '192.0.2.11']), malformed], T0);
    expect(step).toMatchObject({
      capsules: [],
      tunnel: null,
      abort: { code: 'CAPSULE_HOST_BITS', httpErrorCode: 0x10e },
    });
    expect(session.receive([assign([0, '192.0.2.11'])], T0)).toEqual(NOTHING);
  });

  it('answers a request of the proxy with refusals, and aborts if it repeats an id (CIP-706, CIP-710)', () => {
    const session = opened();
    const asked = encodeAddressRequest([
      { requestId: 5n, prefix: net('10.0.0.1') },
      { requestId: 6n, prefix: net('::/64') },
    ]);
    expect(session.receive([asked], T0).capsules).toEqual([assign([5, '0.0.0.0/32'], [6, '::/128'])]);
    expect(session.receive([asked], T0).abort?.code).toBe('CAPSULE_REQUEST_ID_REUSED');
  });

  it('skips capsules it does not know (CIP-602)', () => {
    expect(opened().receive([{ type: 0x17n, value: Uint8Array.of(1, 2) }], T0)).toEqual(NOTHING);
  });

  it('does nothing before the 2xx and after the end (CIP-315)', () => {
    const session = new ClientSession();
    expect(session.state).toBe('connecting');
    expect(session.deadlineMs).toBeNull();
    expect(session.receive([assign([0, '192.0.2.11'])], T0)).toEqual(NOTHING);
    session.opened(T0);
    session.close();
    session.opened(T0);
    expect(session.state).toBe('closed');
    expect(session.receive([assign([0, '192.0.2.11'])], T0)).toEqual(NOTHING);
    expect(session.handleTimeout(T0 + 5000)).toEqual(NOTHING);
  });
});

describe('DNS (CIP-1701)', () => {
  const corp: DnsConfiguration = {
    nameservers: [{ priority: 1, addresses: [ip('10.0.0.53')], name: '', parameters: [] }],
    internalDomains: ['corp.example'],
    searchDomains: [],
  };

  it('is what the newest capsule says, shown when it changes, and touches no address or route', () => {
    const session = opened();
    session.receive([assign([0, '192.0.2.11']), advertise(route('0.0.0.0/0'))], T0);
    const told = (...dns: readonly DnsConfiguration[]): ClientStep =>
      session.receive([encodeDnsAssign(dns)], T0);
    expect(told(corp)).toEqual({ ...NOTHING, dns: [corp] });
    expect(told(corp)).toEqual(NOTHING);
    expect(told(corp, corp)).toEqual({ ...NOTHING, dns: [corp, corp] });
    expect(told()).toEqual({ ...NOTHING, dns: [] });
    expect(told()).toEqual(NOTHING);
  });

  it('of several capsules at once is that of the last', () => {
    const step = opened().receive([encodeDnsAssign([]), encodeDnsAssign([corp])], T0);
    expect(step).toEqual({ ...NOTHING, dns: [corp] });
  });

  it('that is malformed ends the session', () => {
    const step = opened().receive([{ type: 0x1ace79ecn, value: Uint8Array.of(1, 0, 0) }], T0);
    expect(step).toMatchObject({
      dns: null,
      abort: { code: 'CAPSULE_TRUNCATED', rule: 'CIP-604', httpErrorCode: 0x10e },
    });
  });
});
