import { describe, expect, it } from 'vitest';
import {
  type AssignedAddress,
  encodeAddressAssign,
  encodeAddressRequest,
  type RequestedAddress,
} from '../addressCapsule.js';
import type { Capsule } from '../capsule.js';
import { decodeControlCapsule } from '../controlCapsule.js';
import type { DnsConfiguration } from '../dns.js';
import { encodeDnsAssign } from '../dnsCapsule.js';
import { formatPrefix, type Prefix } from '../prefix.js';
import { formatRoute, type Route } from '../route.js';
import { encodeRouteAdvertisement } from '../routeCapsule.js';
import { ip, must, net, route } from '../testing/parse.js';
import { ProxySession, type ProxySessionOptions, type ProxyStep } from './proxy.js';

const NOTHING = { forwarding: null, capsules: [], offer: null, abort: null };

function session(options: Partial<ProxySessionOptions> = {}): ProxySession {
  return new ProxySession({
    assigned: [net('192.0.2.11')],
    routes: [route('0.0.0.0/0'), route('::/0')],
    ...options,
  });
}

function ask(...entries: readonly (readonly [id: number, prefix: string])[]): Capsule {
  return encodeAddressRequest(
    entries.map(([id, prefix]): RequestedAddress => ({ requestId: BigInt(id), prefix: net(prefix) })),
  );
}

const entry = ({ requestId, prefix }: AssignedAddress): string => `${requestId} ${formatPrefix(prefix)}`;
const showRoute = (own: Route): string => {
  const { start, end, protocol } = formatRoute(own);
  return `${start}-${end} ${protocol}`;
};

/** Capsules as text: `assign 0 192.0.2.11/32, …` or `routes …`. */
function show(capsules: readonly Capsule[]): string[] {
  return capsules.map((capsule) => {
    const content = must(decodeControlCapsule(capsule));
    if (content.kind === 'addressAssign')
      return ['assign', content.addresses.map(entry).join(', ')].join(' ');
    if (content.kind === 'routeAdvertisement')
      return ['routes', content.routes.map(showRoute).join(', ')].join(' ');
    if (content.kind === 'dnsAssign')
      return ['dns', content.configurations.flatMap(({ internalDomains }) => internalDomains).join()].join(
        ' ',
      );
    return content.kind;
  });
}

const assignedOf = (forwarding: { readonly assigned: readonly Prefix[] } | null): string[] | null =>
  forwarding === null ? null : forwarding.assigned.map(formatPrefix);

describe('opening', () => {
  it('assigns unprompted with id 0, then advertises routes, both families in one capsule each (CIP-714, CIP-805)', () => {
    const { forwarding, capsules } = session({ assigned: [net('2001:db8::b'), net('192.0.2.11')] }).open();
    expect(show(capsules)).toEqual([
      'assign 0 192.0.2.11/32, 0 2001:db8::b/128',
      'routes 0.0.0.0-255.255.255.255 0, ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 0',
    ]);
    expect(assignedOf(forwarding)).toEqual(['192.0.2.11/32', '2001:db8::b/128']);
  });

  it('forwards exactly what it advertises, however the routes were given (CIP-807)', () => {
    const { forwarding, capsules } = session({
      routes: [route('10.1.0.0/16'), route('10.0.0.0/16'), route('10.0.0.0/8', 6)],
    }).open();
    expect(show(capsules)[1]).toBe(`routes ${forwarding.routes.map(showRoute).join(', ')}`);
    expect(forwarding.routes.map(showRoute)).toEqual([
      '10.0.0.0-10.1.255.255 0',
      '10.2.0.0-10.255.255.255 6',
    ]);
  });

  it('sends no ADDRESS_ASSIGN if nothing is assigned', () => {
    expect(show(session({ assigned: [], routes: [] }).open().capsules)).toEqual(['routes ']);
  });
});

describe('ADDRESS_REQUEST', () => {
  it('re-labels the address of the family, costs no other and changes no forwarding (CIP-714)', () => {
    const granted: RequestedAddress[] = [];
    const own = session({ grant: (request) => (granted.push(request), null) });
    const step = own.receive([ask([1, '0.0.0.0/32'])]);
    expect(show(step.capsules)).toEqual(['assign 1 192.0.2.11/32']);
    expect(step.forwarding).toBeNull();
    expect(granted).toEqual([]);
    expect(show(own.receive([ask([2, '192.0.2.99/32'])]).capsules)).toEqual(['assign 2 192.0.2.11/32']);
  });

  it('repeats what still stands next to a new grant (CIP-705)', () => {
    const step = session({ grant: () => net('2001:db8::b') }).receive([ask([2, '::/128'])]);
    expect(show(step.capsules)).toEqual(['assign 0 192.0.2.11/32, 2 2001:db8::b/128']);
    expect(assignedOf(step.forwarding)).toEqual(['192.0.2.11/32', '2001:db8::b/128']);
  });

  it('answers each entry with its id, refusals as all-zero hosts (CIP-706)', () => {
    const step = session().receive([ask([1, '192.0.2.11/32'], [2, '::/128'])]);
    expect(show(step.capsules)).toEqual(['assign 1 192.0.2.11/32, 2 ::/128']);
  });

  it('does not repeat refusals later (CIP-707)', () => {
    const own = session();
    own.receive([ask([1, '0.0.0.0/32'], [2, '::/128'])]);
    expect(show(own.updateAddresses([net('192.0.2.11'), net('192.0.2.12')]).capsules)).toEqual([
      'assign 1 192.0.2.11/32, 0 192.0.2.12/32',
    ]);
  });

  it('refuses or grants a second address of one family in one capsule', () => {
    expect(show(session().receive([ask([1, '0.0.0.0/32'], [2, '0.0.0.0/32'])]).capsules)).toEqual([
      'assign 1 192.0.2.11/32, 2 0.0.0.0/32',
    ]);
    const granting = session({ grant: ({ prefix }) => (prefix.length === 32 ? net('192.0.2.12') : null) });
    expect(show(granting.receive([ask([1, '0.0.0.0/32'], [2, '0.0.0.0/32'])]).capsules)).toEqual([
      'assign 1 192.0.2.11/32, 2 192.0.2.12/32',
    ]);
  });

  it('hands preference and wanted size to whoever grants (CIP-711, CIP-712)', () => {
    const asked: string[] = [];
    const own = session({ assigned: [], grant: ({ prefix }) => (asked.push(formatPrefix(prefix)), null) });
    own.receive([ask([3, '::/64'], [4, '192.0.2.11'])]);
    expect(asked).toEqual(['::/64', '192.0.2.11/32']);
  });

  it('grants no more than the limit (CIP-1604)', () => {
    let next = 1;
    const own = session({ assigned: [], grant: () => net(`10.0.0.${next++}`) });
    const step = own.receive([
      ask(...Array.from({ length: 17 }, (_, index) => [index + 1, '0.0.0.0/32'] as const)),
    ]);
    expect(step.forwarding?.assigned).toHaveLength(16);
    expect(show(step.capsules)[0]).toMatch(/, 17 0\.0\.0\.0\/32$/);
  });

  it('takes a grant of the wrong family for a bug', () => {
    const own = session({ grant: () => net('192.0.2.12') });
    expect(() => own.receive([ask([1, '::/128'])])).toThrow(RangeError);
  });

  it('aborts on an id used before (CIP-710)', () => {
    const own = session();
    own.receive([ask([1, '0.0.0.0/32'])]);
    expect(own.receive([ask([1, '0.0.0.0/32'])])).toMatchObject({
      forwarding: null,
      capsules: [],
      abort: { code: 'CAPSULE_REQUEST_ID_REUSED', rule: 'CIP-710', httpErrorCode: 0x10e },
    });
  });

  it('remembers 64 ids and aborts with 0x107 on one more (CIP-710)', () => {
    const own = session();
    for (let id = 1; id <= 64; id++) expect(own.receive([ask([id, '0.0.0.0/32'])]).abort).toBeNull();
    expect(own.receive([ask([65, '0.0.0.0/32'])]).abort).toMatchObject({
      code: 'CAPSULE_TOO_MANY_REQUESTS',
      httpErrorCode: 0x107,
    });
  });
});

describe('networks behind the client (CIP-717)', () => {
  const behindOf = (step: ProxyStep): string[] | null => step.forwarding?.behind.map(formatPrefix) ?? null;
  const advertise = (...routes: readonly Route[]): Capsule => encodeRouteAdvertisement(routes);

  it('are shown and not used without a grant', () => {
    const own = session();
    const step = own.receive([advertise(route('10.20.0.0/16'))]);
    expect(step).toEqual({ ...NOTHING, offer: { routes: [route('10.20.0.0/16')], addresses: [] } });
    expect(own.forwarding.behind).toEqual([]);
  });

  it('are used within the grant', () => {
    const own = session({ behind: [net('10.20.0.0/16'), net('2001:db8:20::/48')] });
    expect(own.open().forwarding.behind).toEqual([]);
    const step = own.receive([
      advertise(route('10.19.0.0-10.20.127.255'), route('2001:db8:20::/48'), route('2001:db8:21::/48')),
    ]);
    expect(behindOf(step)).toEqual(['10.20.0.0/17', '2001:db8:20::/48']);
    expect(step.capsules).toEqual([]);
  });

  it('are replaced by the next advertisement, and an empty one withdraws them (CIP-804)', () => {
    const own = session({ behind: [net('10.0.0.0/8')] });
    own.receive([advertise(route('10.20.0.0/16'))]);
    expect(own.receive([advertise(route('10.20.0.0/16'))])).toEqual(NOTHING);
    expect(behindOf(own.receive([advertise(route('10.21.0.0/16'))]))).toEqual(['10.21.0.0/16']);
    expect(behindOf(own.receive([advertise()]))).toEqual([]);
  });

  it('follow a change of the grant', () => {
    const own = session();
    own.receive([advertise(route('10.20.0.0/16'))]);
    expect(behindOf(own.updateBehind([net('10.20.0.0/16')]))).toEqual(['10.20.0.0/16']);
    expect(own.updateBehind([net('10.0.0.0/8')])).toEqual(NOTHING);
    expect(behindOf(own.updateBehind([]))).toEqual([]);
  });

  it('do not count for one protocol alone', () => {
    const own = session({ behind: [net('10.0.0.0/8')] });
    expect(own.receive([advertise(route('10.20.0.0/16', 6))]).forwarding).toBeNull();
  });

  it('stay when the addresses change', () => {
    const own = session({ behind: [net('10.0.0.0/8')] });
    own.receive([advertise(route('10.20.0.0/16'))]);
    expect(behindOf(own.updateAddresses([net('192.0.2.12')]))).toEqual(['10.20.0.0/16']);
  });

  it('abort if they are cut too fine', () => {
    const own = session({ behind: [net('::/0')] });
    const fine = Array.from({ length: 8 }, (_, index) =>
      route(`${index + 1}000::1-${index + 1}fff:ffff:ffff:ffff:ffff:ffff:ffff:fffe`),
    );
    expect(own.receive([advertise(...fine)])).toMatchObject({
      forwarding: null,
      abort: { code: 'SESSION_ROUTES_TOO_FINE', httpErrorCode: 0x107 },
    });
    expect(own.receive([advertise()])).toEqual(NOTHING);
  });
});

describe('other capsules of the client', () => {
  it('are validated and change nothing (CIP-717, CIP-602)', () => {
    const offered = [
      encodeAddressAssign([
        { requestId: 0n, prefix: net('192.0.2.11') },
        { requestId: 3n, prefix: net('::/128') },
      ]),
      { type: 0x17n, value: Uint8Array.of(1) },
    ];
    const own = session();
    expect(own.receive(offered)).toEqual({
      ...NOTHING,
      offer: { routes: [], addresses: [net('192.0.2.11')] },
    });
    expect(own.receive(offered)).toEqual(NOTHING);
  });

  it('abort if malformed, and nothing follows (CIP-701)', () => {
    const own = session();
    const malformed = { type: 1n, value: Uint8Array.from([0, 5, 192, 0, 2, 11, 32]) };
    const step = own.receive([ask([1, '0.0.0.0/32']), malformed, ask([2, '0.0.0.0/32'])]);
    expect(step).toMatchObject({ forwarding: null, capsules: [], abort: { code: 'CAPSULE_IP_VERSION' } });
    expect(own.receive([ask([3, '0.0.0.0/32'])])).toEqual(NOTHING);
    expect(own.updateRoutes([])).toEqual(NOTHING);
    expect(own.updateAddresses([])).toEqual(NOTHING);
    expect(own.updateDns([{ nameservers: [], internalDomains: [], searchDomains: ['a.example'] }])).toEqual(
      NOTHING,
    );
    expect(own.updateBehind([net('10.0.0.0/8')])).toEqual(NOTHING);
  });
});

describe('changes while open', () => {
  it('replace the routes, once (CIP-804)', () => {
    const own = session();
    const step = own.updateRoutes([route('10.0.0.0/8')]);
    expect(show(step.capsules)).toEqual(['routes 10.0.0.0-10.255.255.255 0']);
    expect(step.forwarding?.routes.map(showRoute)).toEqual(['10.0.0.0-10.255.255.255 0']);
    expect(own.updateRoutes([route('10.0.0.0/9'), route('10.128.0.0/9')])).toEqual(NOTHING);
  });

  it('replace the addresses, keeping the ids of those that stay (CIP-704, CIP-715)', () => {
    const own = session();
    own.receive([ask([7, '0.0.0.0/32'])]);
    const step = own.updateAddresses([net('2001:db8::b'), net('192.0.2.11')]);
    expect(show(step.capsules)).toEqual(['assign 7 192.0.2.11/32, 0 2001:db8::b/128']);
    expect(assignedOf(step.forwarding)).toEqual(['192.0.2.11/32', '2001:db8::b/128']);
    expect(own.updateAddresses([net('192.0.2.11'), net('2001:db8::b')])).toEqual(NOTHING);
    expect(assignedOf(own.updateAddresses([]).forwarding)).toEqual([]);
  });
});

describe('DNS (CIP-1701)', () => {
  const dns = (domain: string): DnsConfiguration => ({
    nameservers: [{ priority: 1, addresses: [ip('10.0.0.53')], name: '', parameters: [] }],
    internalDomains: [domain],
    searchDomains: [],
  });

  it('comes after the routes, and not at all where there is none', () => {
    const { capsules } = session({ routes: [route('10.0.0.0/8')], dns: [dns('corp.example')] }).open();
    expect(show(capsules)).toEqual([
      'assign 0 192.0.2.11/32',
      'routes 10.0.0.0-10.255.255.255 0',
      'dns corp.example',
    ]);
    expect(show(session().open().capsules)).toHaveLength(2);
  });

  it('is replaced while open, once, and taken back by an empty capsule', () => {
    const own = session();
    expect(own.updateDns([])).toEqual(NOTHING);
    const step = own.updateDns([dns('corp.example')]);
    expect(step).toMatchObject({ forwarding: null, abort: null });
    expect(show(step.capsules)).toEqual(['dns corp.example']);
    expect(own.updateDns([dns('corp.example')])).toEqual(NOTHING);
    expect(show(own.updateDns([dns('b.example')]).capsules)).toEqual(['dns b.example']);
    expect(show(own.updateDns([]).capsules)).toEqual(['dns ']);
  });

  it('of a client is not even looked at', () => {
    const malformed = { type: 0x1ace79ecn, value: Uint8Array.of(9) };
    expect(session().receive([encodeDnsAssign([dns('evil.example')]), malformed])).toEqual(NOTHING);
  });
});
