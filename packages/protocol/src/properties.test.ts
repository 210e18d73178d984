/** Properties that hold for all input (CIP-803, CIP-805, CIP-806, CIP-1607). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ADDRESS_ERROR_CODES,
  addressBits,
  formatAddress,
  highestValue,
  type IpAddress,
  ipAddress,
  parseAddress,
} from './address.js';
import {
  type AssignedAddress,
  decodeAddressAssign,
  decodeAddressRequest,
  encodeAddressAssign,
  encodeAddressRequest,
} from './addressCapsule.js';
import { CapsuleReader, encodeCapsule } from './capsuleStream.js';
import { decodeControlCapsule } from './controlCapsule.js';
import { enclosingPrefix, formatPrefix, lastAddress, parsePrefix, type Prefix } from './prefix.js';
import {
  type AddressRange,
  intersectRanges,
  mergeRanges,
  rangeContains,
  rangeToPrefixes,
  subtractRanges,
} from './range.js';
import { normalizeRoutes, type Route, routesEqual } from './route.js';
import { decodeRouteAdvertisement, encodeRouteAdvertisement } from './routeCapsule.js';
import { decodeVarint, encodeVarint, MAX_VARINT } from './varint.js';

const family = fc.constantFrom(4, 6);

const address = family.chain((own) =>
  fc.bigInt({ min: 0n, max: highestValue(own) }).map((value) => ipAddress(own, value)),
);

const prefix: fc.Arbitrary<Prefix> = address.chain((own) =>
  fc.integer({ min: 0, max: addressBits(own.family) }).map((length) => enclosingPrefix(own, length)),
);

function rangeWithin(own: 4 | 6, max: bigint): fc.Arbitrary<AddressRange> {
  const value = fc.bigInt({ min: 0n, max });
  return fc.tuple(value, value).map(([a, b]) => ({
    start: ipAddress(own, a < b ? a : b),
    end: ipAddress(own, a < b ? b : a),
  }));
}

const range = family.chain((own) => rangeWithin(own, highestValue(own)));

/** Ranges of a world of 2 × 64 addresses, small enough to compare sets address by address. */
const smallRange = family.chain((own) => rangeWithin(own, 63n));
const smallWorld = ([4, 6] as const).flatMap((own) =>
  Array.from({ length: 64 }, (_, value): IpAddress => ipAddress(own, BigInt(value))),
);
const smallRoute: fc.Arbitrary<Route> = fc.record({ range: smallRange, protocol: fc.constantFrom(0, 6, 17) });

const route: fc.Arbitrary<Route> = fc.record({ range, protocol: fc.integer({ min: 0, max: 255 }) });

const assigned: fc.Arbitrary<AssignedAddress> = fc.record({
  requestId: fc.bigInt({ min: 0n, max: MAX_VARINT }),
  prefix,
});

const requested = fc.uniqueArray(fc.record({ requestId: fc.bigInt({ min: 1n, max: MAX_VARINT }), prefix }), {
  minLength: 1,
  maxLength: 64,
  selector: ({ requestId }) => requestId,
});

function contains(ranges: readonly AddressRange[], own: IpAddress): boolean {
  return ranges.some((one) => rangeContains(one, own));
}

function membership(ranges: readonly AddressRange[]): boolean[] {
  return smallWorld.map((own) => contains(ranges, own));
}

/** Whether a packet to `own` with `protocol` may pass (CIP-811). */
function permits(routes: readonly Route[], own: IpAddress, protocol: number): boolean {
  return routes.some(
    (one) => (one.protocol === 0 || one.protocol === protocol) && rangeContains(one.range, own),
  );
}

describe('texts', () => {
  it('parsing what was formatted gives the same address', () => {
    fc.assert(
      fc.property(address, (own) => {
        expect(parseAddress(formatAddress(own))).toEqual({ ok: true, value: own });
      }),
    );
  });

  it('IPv6 texts agree with the URL parser of the platform (RFC 5952)', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: highestValue(6) }), (value) => {
        const text = formatAddress(ipAddress(6, value));
        // The platform writes IPv4-mapped addresses in groups, RFC 5952 §5 in mixed notation.
        fc.pre(value >> 32n !== 0xffffn);
        expect(new URL(`http://[${text}]/`).hostname).toBe(`[${text}]`);
      }),
    );
  });

  it('parsing what was formatted gives the same prefix', () => {
    fc.assert(
      fc.property(prefix, (own) => {
        expect(parsePrefix(formatPrefix(own))).toEqual({ ok: true, value: own });
      }),
    );
  });

  it('no text makes the parsers throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV6(), fc.stringMatching(/^[0-9a-f:./%]{0,40}$/)), (text) => {
        const parsed = parsePrefix(text);
        if (!parsed.ok) expect(ADDRESS_ERROR_CODES).toContain(parsed.error.code);
      }),
    );
  });
});

describe('ranges', () => {
  it('prefixes of a range cover exactly that range, within the worst case (CIP-806)', () => {
    fc.assert(
      fc.property(range, (own) => {
        const prefixes = rangeToPrefixes(own);
        expect(prefixes.length).toBeLessThanOrEqual(own.start.family === 4 ? 62 : 254);
        let next = own.start.value;
        for (const one of prefixes) {
          expect(one.address.value).toBe(next);
          next = lastAddress(one).value + 1n;
        }
        expect(next).toBe(own.end.value + 1n);
      }),
    );
  });

  it('prefixes of a range are the fewest possible: no two join into one', () => {
    fc.assert(
      fc.property(range, (own) => {
        const prefixes = rangeToPrefixes(own);
        for (const [index, one] of prefixes.entries()) {
          const next = prefixes[index + 1];
          const isPair =
            next?.length === one.length &&
            one.length > 0 &&
            enclosingPrefix(next.address, one.length - 1).address.value === one.address.value;
          expect(isPair).toBe(false);
        }
      }),
    );
  });

  it('merge, subtract and intersect are what the sets of addresses say', () => {
    fc.assert(
      fc.property(fc.array(smallRange, { maxLength: 8 }), fc.array(smallRange, { maxLength: 8 }), (a, b) => {
        const inA = membership(a);
        const inB = membership(b);
        expect(membership(mergeRanges(a))).toEqual(inA);
        expect(membership(subtractRanges(a, b))).toEqual(inA.map((yes, index) => yes && inB[index] !== true));
        expect(membership(intersectRanges(a, b))).toEqual(
          inA.map((yes, index) => yes && inB[index] === true),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('merged ranges are sorted and neither overlap nor touch', () => {
    fc.assert(
      fc.property(fc.array(smallRange, { maxLength: 8 }), (ranges) => {
        const merged = mergeRanges(ranges);
        for (const [index, one] of merged.entries()) {
          const next = merged[index + 1];
          if (next?.start.family === one.end.family)
            expect(next.start.value).toBeGreaterThan(one.end.value + 1n);
        }
      }),
    );
  });
});

describe('capsules', () => {
  it('varints come back, in the shortest form', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: MAX_VARINT }), (value) => {
        const bytes = encodeVarint(value);
        expect(decodeVarint(bytes, 0)).toEqual({ value, length: bytes.length });
        expect(decodeVarint(bytes.subarray(0, -1), 0)).toBeNull();
      }),
    );
  });

  it('ADDRESS_ASSIGN comes back', () => {
    fc.assert(
      fc.property(fc.array(assigned, { maxLength: 16 }), (entries) => {
        expect(decodeAddressAssign(encodeAddressAssign(entries).value)).toEqual({ ok: true, value: entries });
      }),
    );
  });

  it('ADDRESS_REQUEST comes back', () => {
    fc.assert(
      fc.property(requested, (entries) => {
        expect(decodeAddressRequest(encodeAddressRequest(entries).value)).toEqual({
          ok: true,
          value: entries,
        });
      }),
    );
  });

  it('any routes make a legal ROUTE_ADVERTISEMENT that permits the same packets (CIP-803, CIP-805)', () => {
    fc.assert(
      fc.property(fc.array(smallRoute, { maxLength: 12 }), (routes) => {
        const decoded = decodeRouteAdvertisement(encodeRouteAdvertisement(routes).value);
        if (!decoded.ok) throw new Error(decoded.error.message);
        for (const own of smallWorld) {
          for (const protocol of [1, 6, 17]) {
            expect(permits(decoded.value, own, protocol)).toBe(permits(routes, own, protocol));
          }
        }
      }),
    );
  });

  it('routes of any width make a legal ROUTE_ADVERTISEMENT; normalising twice changes nothing', () => {
    fc.assert(
      fc.property(fc.array(route, { maxLength: 30 }), (routes) => {
        const normalized = normalizeRoutes(routes);
        expect(routesEqual(normalizeRoutes(normalized), normalized)).toBe(true);
        expect(decodeRouteAdvertisement(encodeRouteAdvertisement(routes).value)).toEqual({
          ok: true,
          value: normalized,
        });
      }),
    );
  });

  it('no bytes make a decoder throw: the answer is content or an error with rule and HTTP code', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), fc.uint8Array({ maxLength: 200 }), (type, value) => {
        const decoded = decodeControlCapsule({ type: BigInt(type), value });
        if (!decoded.ok) {
          expect(decoded.error.rule).toMatch(/^CIP-\d+$/);
          expect([0x10e, 0x107]).toContain(decoded.error.httpErrorCode);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('what a decoder accepts is what its encoder makes, routes merged', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (value) => {
        const decoded = decodeAddressAssign(value);
        if (decoded.ok) {
          expect(decodeAddressAssign(encodeAddressAssign(decoded.value).value)).toEqual(decoded);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('capsule streams', () => {
  const capsules = fc.array(
    fc.record({
      type: fc.oneof(fc.bigInt({ min: 0n, max: 3n }), fc.bigInt({ min: 4n, max: MAX_VARINT })),
      value: fc.uint8Array({ maxLength: 300 }),
    }),
    { maxLength: 6 },
  );

  it('any cutting of a stream yields the same known capsules and a clean end (CIP-601, CIP-602)', () => {
    fc.assert(
      fc.property(capsules, fc.array(fc.nat(200), { minLength: 1, maxLength: 20 }), (sent, cuts) => {
        const bytes = Uint8Array.from(sent.flatMap((capsule) => [...encodeCapsule(capsule)]));
        const reader = new CapsuleReader();
        const received = [];
        let offset = 0;
        for (let i = 0; offset < bytes.length; i++) {
          const size = (cuts[i % cuts.length] ?? 0) + 1;
          const batch = reader.push(bytes.subarray(offset, offset + size));
          expect(batch.error).toBeNull();
          received.push(...batch.capsules);
          offset += size;
        }
        expect(received).toEqual(sent.filter(({ type }) => type <= 3n));
        expect(reader.finish()).toBeNull();
      }),
    );
  });

  it('every strict prefix of one capsule means "wait", and its end there is an error (CIP-605, CIP-1607)', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: MAX_VARINT }),
        fc.uint8Array({ maxLength: 80 }),
        (type, value) => {
          const bytes = encodeCapsule({ type, value });
          for (let length = 1; length < bytes.length; length++) {
            const reader = new CapsuleReader();
            expect(reader.push(bytes.subarray(0, length))).toEqual({ capsules: [], error: null });
            expect(reader.finish()?.code).toBe('CAPSULE_STREAM_CUT');
          }
        },
      ),
    );
  });

  it('no bytes make the reader throw', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 10 }), (chunks) => {
        const reader = new CapsuleReader();
        for (const chunk of chunks) reader.push(chunk);
        reader.finish();
      }),
    );
  });
});
