import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { highestValue, ipAddress } from './address.js';
import { CapsuleReader, encodeCapsule } from './capsuleStream.js';
import type { CapsuleErrorCode } from './capsule.js';
import { decodeControlCapsule } from './controlCapsule.js';
import type { DnsConfiguration, Nameserver } from './dns.js';
import { decodeDnsAssign, dnsEqual, encodeDnsAssign } from './dnsCapsule.js';
import { SERVICE_KEYS } from './serviceParameters.js';
import { ip } from './testing/parse.js';

const text = new TextEncoder();

/** Figure 5 of draft-ietf-masque-connect-ip-dns-06 (§3.6.1), byte by byte after its §3.1 … §3.4. */
const FULL_TUNNEL = {
  hex:
    '01' + // one nameserver
    '0001' + // priority 1
    '00' + // no IPv4 address
    '00' + // no IPv6 address
    '126d61737175652e6578616d706c652e6f7267' + // masque.example.org
    '1e00010006026832026833' + // 30 bytes of parameters: alpn=h2,h3 …
    '000700102f646e732d71756572797b3f646e737d' + // … dohpath=/dns-query{?dns}
    '0100' + // one internal domain, the root
    '00', // no search domain
  configuration: {
    nameservers: [
      {
        priority: 1,
        addresses: [],
        name: 'masque.example.org',
        parameters: [
          { key: SERVICE_KEYS.alpn, value: text.encode('\u0002h2\u0002h3') },
          { key: 7, value: text.encode('/dns-query{?dns}') },
        ],
      },
    ],
    internalDomains: [''],
    searchDomains: [],
  } satisfies DnsConfiguration,
};

/** Figure 6 (§3.6.2). */
const SPLIT_TUNNEL = {
  hex:
    '01' + // one nameserver
    '0001' + // priority 1
    '01c0000221' + // 192.0.2.33
    '0120010db8000000000000000000000001' + // 2001:db8::1
    '00' + // no name
    '00' + // no parameters
    '01' + // one internal domain
    '15696e7465726e616c2e636f72702e6578616d706c65' + // internal.corp.example
    '02' + // two search domains
    '15696e7465726e616c2e636f72702e6578616d706c65' + // internal.corp.example
    '0c636f72702e6578616d706c65', // corp.example
  configuration: {
    nameservers: [
      { priority: 1, addresses: [ip('192.0.2.33'), ip('2001:db8::1')], name: '', parameters: [] },
    ],
    internalDomains: ['internal.corp.example'],
    searchDomains: ['internal.corp.example', 'corp.example'],
  } satisfies DnsConfiguration,
};

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

function faultOf(hex: string): CapsuleErrorCode | null {
  const decoded = decodeDnsAssign(bytes(hex));
  return decoded.ok ? null : decoded.error.code;
}

/** One configuration with this nameserver, and no domains. */
function withNameserver(hex: string): string {
  return `01${hex}0000`;
}

/** One configuration without nameservers, with this internal domain. */
function withDomain(name: string): string {
  const encoded = Buffer.from(name, 'latin1');
  const length =
    encoded.length < 64
      ? Buffer.of(encoded.length)
      : Buffer.of(0x40 | (encoded.length >> 8), encoded.length & 0xff);
  return `0001${length.toString('hex')}${encoded.toString('hex')}00`;
}

describe('the examples of the draft', () => {
  it.each([
    ['full tunnel', FULL_TUNNEL],
    ['split tunnel', SPLIT_TUNNEL],
  ])('%s: is read and written byte for byte', (_, { hex, configuration }) => {
    expect(decodeDnsAssign(bytes(hex))).toEqual({ ok: true, value: [configuration] });
    expect(Buffer.from(encodeDnsAssign([configuration]).value).toString('hex')).toBe(hex);
  });

  it('may stand in one capsule, whose type is 0x1ACE79EC', () => {
    const capsule = encodeDnsAssign([FULL_TUNNEL.configuration, SPLIT_TUNNEL.configuration]);
    const wire = encodeCapsule(capsule);
    expect(Buffer.from(wire).toString('hex')).toBe(`9ace79ec4090${FULL_TUNNEL.hex}${SPLIT_TUNNEL.hex}`);
    expect(new CapsuleReader().push(wire)).toEqual({ capsules: [capsule], error: null });
    expect(decodeControlCapsule(capsule)).toEqual({
      ok: true,
      value: {
        kind: 'dnsAssign',
        configurations: [FULL_TUNNEL.configuration, SPLIT_TUNNEL.configuration],
      },
    });
  });

  it('an empty capsule takes everything back', () => {
    expect(Buffer.from(encodeCapsule(encodeDnsAssign([]))).toString('hex')).toBe('9ace79ec00');
    expect(decodeDnsAssign(new Uint8Array())).toEqual({ ok: true, value: [] });
  });

  it('every strict prefix of one is cut', () => {
    for (const { hex } of [FULL_TUNNEL, SPLIT_TUNNEL]) {
      for (let length = 2; length < hex.length; length += 2) {
        expect(faultOf(hex.slice(0, length))).toBe('CAPSULE_TRUNCATED');
      }
    }
  });
});

describe('a nameserver', () => {
  it.each([
    ['has a priority other than 0', '000001c00002210000 00', 'CAPSULE_DNS_NAMESERVER'],
    ['has an address', '0001 00 00 00 00', 'CAPSULE_DNS_NAMESERVER'],
    ['may have a name without an address if it has "alpn"', '0001 00 00 0161 07 00010003026832', null],
    ['needs a name for "alpn"', '0001 01c0000221 00 00 07 00010003026832', 'CAPSULE_DNS_NAMESERVER'],
    ['needs a name for "no-default-alpn"', '0001 01c0000221 00 00 04 00020000', 'CAPSULE_DNS_NAMESERVER'],
    ['has no "ipv4hint"', '0001 01c0000221 00 00 08 00040004c0000221', 'CAPSULE_DNS_NAMESERVER'],
    ['has no "ipv6hint"', '0001 01c0000221 00 00 04 00060000', 'CAPSULE_DNS_NAMESERVER'],
    ['may have a port', '0001 01c0000221 00 00 06 00030002 0035', null],
    ['has each parameter once', '0001 01c0000221 00 00 08 00030000 00030000', 'CAPSULE_DNS_NAMESERVER'],
    ['has parameters in order', '0001 01c0000221 00 00 08 00070000 00030000', 'CAPSULE_DNS_NAMESERVER'],
    ['has whole parameters', '0001 01c0000221 00 00 04 00030002', 'CAPSULE_DNS_NAMESERVER'],
  ])('%s', (_, hex, code) => {
    expect(faultOf(withNameserver(hex.replaceAll(' ', '')))).toBe(code);
  });
});

describe('a domain', () => {
  it.each([
    ['corp.example', 'corp.example'],
    ['CORP.Example.', 'corp.example'],
    ['', ''],
    ['.', ''],
    ['_tcp.xn--bcher-kva.example', '_tcp.xn--bcher-kva.example'],
    [`${'a'.repeat(63)}.example`, `${'a'.repeat(63)}.example`],
  ])('%j is %j', (name, expected) => {
    expect(decodeDnsAssign(bytes(withDomain(name)))).toEqual({
      ok: true,
      value: [{ nameservers: [], internalDomains: [expected], searchDomains: [] }],
    });
  });

  it.each([
    ['..'],
    ['.example'],
    ['a..b'],
    ['-a.example'],
    ['a-.example'],
    ['a b.example'],
    ['a\u0000.example'],
    ['\u001b[2Jexample'],
    ['bücher.example'],
    ['a\\.b.example'],
    ['*.example'],
    [`${'a'.repeat(64)}.example`],
    [Array.from({ length: 128 }, () => 'a').join('.')],
    ['a'.repeat(10_000)],
  ])('%j is no name', (name) => {
    expect(faultOf(withDomain(name))).toBe('CAPSULE_DNS_NAME');
  });
});

describe('limits (CIP-1604)', () => {
  const many = (count: number): DnsConfiguration => ({
    nameservers: [],
    internalDomains: Array.from({ length: count }, (_, index) => `n${index}.example`),
    searchDomains: [],
  });

  it('takes 256 entries, the configurations among them, not 257', () => {
    expect(decodeDnsAssign(encodeDnsAssign([many(255)]).value).ok).toBe(true);
    const over = { ok: false, error: { code: 'CAPSULE_TOO_MUCH_DNS', httpErrorCode: 0x107 } };
    expect(decodeDnsAssign(encodeDnsAssign([many(256)]).value)).toMatchObject(over);
    const spread = Array.from({ length: 129 }, () => many(1));
    expect(decodeDnsAssign(encodeDnsAssign(spread).value)).toMatchObject(over);
    const addresses = Array.from({ length: 255 }, () => ip('192.0.2.1'));
    const crowded: Nameserver = { priority: 1, addresses, name: '', parameters: [] };
    expect(decodeDnsAssign(encodeDnsAssign([{ ...many(0), nameservers: [crowded] }]).value)).toMatchObject(
      over,
    );
  });

  it.each([
    ['nameservers', 'ffffffffffffffff'],
    ['internal domains', '00ffffffffffffffff'],
    ['IPv4 addresses', '010001ffffffffffffffff'],
    ['bytes of a name', '0001ffffffffffffffff'],
    ['bytes of parameters', '01000101c00002210000ffffffffffffffff'],
  ])('believes no count of %s that the bytes do not bear out', (_, hex) => {
    expect(faultOf(hex)).toBe('CAPSULE_TRUNCATED');
  });
});

describe('properties', () => {
  const label = fc.stringMatching(/^[a-z0-9_](?:[a-z0-9_-]{0,10}[a-z0-9_])?$/);
  const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
  const addresses = (family: 4 | 6, most: number) =>
    fc.array(
      fc.bigInt({ min: 0n, max: highestValue(family) }).map((value) => ipAddress(family, value)),
      { maxLength: most },
    );
  const parameters = fc
    .uniqueArray(fc.constantFrom(0, 1, 2, 3, 5, 7, 300, 65_535), { maxLength: 4 })
    .chain((keys) =>
      fc.tuple(
        ...keys
          .toSorted((a, b) => a - b)
          .map((key) => fc.uint8Array({ maxLength: 80 }).map((value) => ({ key, value }))),
      ),
    );
  const nameserver: fc.Arbitrary<Nameserver> = fc
    .tuple(
      fc.integer({ min: 1, max: 65_535 }),
      fc.bigInt({ min: 0n, max: highestValue(4) }),
      addresses(4, 3),
      addresses(6, 3),
      fc.oneof(
        fc.record({ name, parameters }),
        fc.constant({ name: '', parameters: [] as Nameserver['parameters'] }),
      ),
    )
    .map(([priority, first, ipv4, ipv6, rest]) => ({
      ...{ priority, addresses: [ipAddress(4, first), ...ipv4, ...ipv6] },
      ...rest,
    }));
  const configuration: fc.Arbitrary<DnsConfiguration> = fc.record({
    nameservers: fc.array(nameserver, { maxLength: 4 }),
    internalDomains: fc.array(fc.oneof(name, fc.constant('')), { maxLength: 4 }),
    searchDomains: fc.array(name, { maxLength: 4 }),
  });
  const configurations = fc.array(configuration, { maxLength: 4 });

  it('reading what was written gives the same', () => {
    fc.assert(
      fc.property(configurations, (own) => {
        expect(decodeDnsAssign(encodeDnsAssign(own).value)).toEqual({ ok: true, value: own });
        expect(dnsEqual(own, structuredClone(own))).toBe(true);
      }),
    );
  });

  it('no bytes make the reader throw, and what it takes can be written and read again', () => {
    const damaged = fc.tuple(configurations, fc.nat(), fc.nat(255)).map(([own, at, byte]) => {
      const { value } = encodeDnsAssign(own);
      if (value.length > 0) value[at % value.length] = byte;
      return value;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (value) => {
        const decoded = decodeDnsAssign(value);
        if (!decoded.ok) {
          expect(decoded.error.code).toMatch(/^CAPSULE_(?:TRUNCATED|DNS_NAME|DNS_NAMESERVER|TOO_MUCH_DNS)$/);
          return;
        }
        expect(decodeDnsAssign(encodeDnsAssign(decoded.value).value)).toEqual(decoded);
      }),
      { numRuns: 2_000 },
    );
  });
});
