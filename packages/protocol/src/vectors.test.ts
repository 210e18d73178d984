/** The byte vectors of the conformance checklist that concern this package, in `testing/vectors.json`. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AssignedAddress } from './addressCapsule.js';
import type { CapsuleErrorCode } from './capsule.js';
import { CapsuleReader, encodeCapsule } from './capsuleStream.js';
import { type ControlCapsule, decodeControlCapsule } from './controlCapsule.js';
import type { HeaderField } from './headerField.js';
import { parsePathTemplate } from './pathTemplate.js';
import { formatPrefix } from './prefix.js';
import { rangeToPrefixes } from './range.js';
import { buildRequest, judgeRequest } from './request.js';
import { ACCEPT_HEADERS, judgeResponse } from './response.js';
import { formatRoute, type Route } from './route.js';
import { encodeAddressAssign, encodeAddressRequest } from './addressCapsule.js';
import { encodeRouteAdvertisement } from './routeCapsule.js';
import { parseIpproto, parseTarget, type Scope, WHOLE_NETWORK } from './scope.js';
import { DEFAULT_PATH, defaultTemplate, expandTemplate } from './template.js';
import { decodeVarint, encodeVarint } from './varint.js';

interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly hex: string;
  readonly note: string;
  readonly fin: boolean;
}

const vectors = JSON.parse(
  readFileSync(new URL('./testing/vectors.json', import.meta.url), 'utf8'),
) as readonly Vector[];

function vector(id: string): Vector {
  const found = vectors.find((own) => own.id === id);
  if (found === undefined) throw new Error(`no vector ${id}`);
  return found;
}

function bytesOf(own: Vector): Uint8Array {
  return Uint8Array.from(Buffer.from(own.hex, 'hex'));
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** Payload of the HTTP/3 frames of one type (RFC 9114 §7.1). */
function framePayloads(bytes: Uint8Array, type: bigint): Uint8Array[] {
  const payloads: Uint8Array[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const frameType = decodeVarint(bytes, offset);
    const length = frameType === null ? null : decodeVarint(bytes, offset + frameType.length);
    if (frameType === null || length === null) throw new Error('cut frame');
    const start = offset + frameType.length + length.length;
    offset = start + Number(length.value);
    if (frameType.value === type) payloads.push(bytes.subarray(start, offset));
  }
  return payloads;
}

/** The control capsules of a stream, and the error that ended it, if any. */
function decodeStream(
  chunks: readonly Uint8Array[],
  fin: boolean,
): [ControlCapsule[], CapsuleErrorCode | null] {
  const reader = new CapsuleReader();
  const decoded: ControlCapsule[] = [];
  for (const chunk of chunks) {
    const { capsules, error } = reader.push(chunk);
    for (const capsule of capsules) {
      const content = decodeControlCapsule(capsule);
      if (!content.ok) return [decoded, content.error.code];
      decoded.push(content.value);
    }
    if (error !== null) return [decoded, error.code];
  }
  return [decoded, fin ? (reader.finish()?.code ?? null) : null];
}

function decodeVector(id: string): [ControlCapsule[], CapsuleErrorCode | null] {
  const own = vector(id);
  return decodeStream([bytesOf(own)], own.fin);
}

const show = (entries: readonly AssignedAddress[]): string[] =>
  entries.map(({ requestId, prefix }) => `${requestId} ${formatPrefix(prefix)}`);

const showRoutes = (routes: readonly Route[]): string[] =>
  routes.map(formatRoute).map(({ start, end, protocol }) => `${start}-${end} ${protocol}`);

function showCapsule(capsule: ControlCapsule): string[] {
  switch (capsule.kind) {
    case 'addressAssign':
      return ['assign', ...show(capsule.addresses)];
    case 'addressRequest':
      return ['request', ...show(capsule.requests)];
    case 'routeAdvertisement':
      return ['routes', ...showRoutes(capsule.routes)];
    case 'dnsAssign':
    case 'other':
      return [capsule.kind];
  }
}

describe('varints V-01 … V-16 (CIP-119, CIP-502)', () => {
  it.each(vectors.filter(({ kind }) => kind === 'varint'))('$id decodes to $note', (own) => {
    const bytes = bytesOf(own);
    expect(decodeVarint(bytes, 0)).toEqual({ value: BigInt(own.note), length: bytes.length });
  });

  it.each([
    'V-01',
    'V-03',
    'V-05',
    'V-06',
    'V-07',
    'V-08',
    'V-09',
    'V-10',
    'V-11',
    'V-12',
    'V-13',
    'V-14',
    'V-15',
    'V-16',
  ])('%s is what the minimal encoder makes', (id) => {
    expect(hexOf(encodeVarint(BigInt(vector(id).note)))).toBe(vector(id).hex);
  });
});

describe('capsules A, Q, R', () => {
  it.each([
    ['A-01', ['assign']],
    ['A-02', ['assign', '0 192.0.2.11/32']],
    ['A-03', ['assign', '0 192.0.2.0/24']],
    ['A-04', ['assign', '1 2001:db8:1234::a/128']],
    ['A-05', ['assign', '1 192.0.2.11/32', '2 2001:db8:1234::/64']],
    ['A-06', ['assign', '1 0.0.0.0/32', '2 ::/128']],
    ['A-07', ['assign', '1337 198.51.100.0/25']],
    ['A-08', ['assign', '0 192.0.2.11/32']],
    ['A-09', ['assign', '0 0.0.0.0/0', '0 ::/0']],
    ['Q-01', ['request', '1 0.0.0.0/32']],
    ['Q-02', ['request', '2 ::/128']],
    ['Q-03', ['request', '3 ::/64']],
    ['Q-04', ['request', '1 192.0.2.11/32', '2 ::/128']],
    ['R-01', ['routes']],
    ['R-02', ['routes', '0.0.0.0-255.255.255.255 0']],
    ['R-03', ['routes', '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 0']],
    ['R-04', ['routes', '0.0.0.0-255.255.255.255 0', '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 0']],
    ['R-05', ['routes', '192.0.2.0-192.0.2.41 0', '192.0.2.43-192.0.2.255 0']],
    ['R-06', ['routes', '198.51.100.2-198.51.100.2 6', '198.51.100.2-198.51.100.2 17']],
    ['R-07', ['routes', '2001:db8:3456::b-2001:db8:3456::b 132']],
    ['R-08', ['routes', '10.0.0.0-10.0.0.255 0', '10.0.1.0-10.0.1.255 0']],
    ['R-09', ['routes', '0.0.0.1-255.255.255.254 0']],
  ])('%s is %j', (id, expected) => {
    const [capsules, error] = decodeVector(id);
    expect(error).toBeNull();
    expect(capsules.map(showCapsule)).toEqual([expected]);
  });

  it.each(['A-01', 'A-02', 'A-03', 'A-04', 'A-05', 'A-06', 'A-07', 'A-09', 'Q-01', 'Q-02', 'Q-03', 'Q-04'])(
    'encoding what %s says gives its bytes again',
    (id) => {
      const [[capsule]] = decodeVector(id);
      const encoded =
        capsule?.kind === 'addressAssign'
          ? encodeAddressAssign(capsule.addresses)
          : encodeAddressRequest(capsule?.kind === 'addressRequest' ? capsule.requests : []);
      expect(hexOf(encodeCapsule(encoded))).toBe(vector(id).hex);
    },
  );

  it.each(['R-01', 'R-02', 'R-03', 'R-04', 'R-05', 'R-06', 'R-07', 'R-09'])(
    'encoding what %s says gives its bytes again',
    (id) => {
      const [[capsule]] = decodeVector(id);
      const routes = capsule?.kind === 'routeAdvertisement' ? capsule.routes : [];
      expect(hexOf(encodeCapsule(encodeRouteAdvertisement(routes)))).toBe(vector(id).hex);
    },
  );

  it('joins the touching ranges of R-08, as our own encoder always does (CIP-805)', () => {
    const [[capsule]] = decodeVector('R-08');
    const routes = capsule?.kind === 'routeAdvertisement' ? capsule.routes : [];
    expect(hexOf(encodeCapsule(encodeRouteAdvertisement(routes)))).toBe('030a040a0000000a0001ff00');
  });

  it('turns R-09 into 62 prefixes and R-02 into one (CIP-806)', () => {
    const prefixesOf = (id: string): string[] => {
      const [[capsule]] = decodeVector(id);
      const routes = capsule?.kind === 'routeAdvertisement' ? capsule.routes : [];
      return routes.flatMap(({ range }) => rangeToPrefixes(range)).map(formatPrefix);
    };
    expect(prefixesOf('R-09')).toHaveLength(62);
    expect(prefixesOf('R-02')).toEqual(['0.0.0.0/0']);
    expect(prefixesOf('R-03')).toEqual(['::/0']);
  });
});

describe('capsule streams D and E (CIP-601, CIP-602)', () => {
  it.each([
    ['D-01', [['other']]],
    ['D-02', [['other']]],
    ['D-03', [['other']]],
    ['D-04', [['assign', '0 192.0.2.11/32']]],
    ['D-05', [['routes']]],
    [
      'D-06',
      [
        ['assign', '0 192.0.2.11/32'],
        ['routes', '0.0.0.0-255.255.255.255 0'],
      ],
    ],
    ['E-01', []],
  ])('%s yields %j', (id, expected) => {
    const [capsules, error] = decodeVector(id);
    expect(error).toBeNull();
    expect(capsules.map(showCapsule)).toEqual(expected);
  });

  it('joins the capsule that D-07 splits over two DATA frames', () => {
    const [capsules, error] = decodeStream(framePayloads(bytesOf(vector('D-07')), 0n), true);
    expect(error).toBeNull();
    expect(capsules.map(showCapsule)).toEqual([['assign', '0 192.0.2.11/32']]);
  });

  it('processes the capsule after E-01', () => {
    const bytes = Buffer.from(vector('E-01').hex + vector('A-02').hex, 'hex');
    expect(decodeStream([bytes], true)[0].map(showCapsule)).toEqual([['assign', '0 192.0.2.11/32']]);
  });
});

describe('capsules X that must abort the stream', () => {
  it.each([
    ['X-01', 'CAPSULE_IP_VERSION'],
    ['X-02', 'CAPSULE_PREFIX_LENGTH'],
    ['X-03', 'CAPSULE_PREFIX_LENGTH'],
    ['X-04', 'CAPSULE_HOST_BITS'],
    ['X-05', 'CAPSULE_TRUNCATED'],
    ['X-06', 'CAPSULE_TRUNCATED'],
    ['X-07', 'CAPSULE_TRUNCATED'],
    ['X-08', 'CAPSULE_STREAM_CUT'],
    ['X-09', 'CAPSULE_STREAM_CUT'],
    ['X-10', 'CAPSULE_STREAM_CUT'],
    ['X-11', 'CAPSULE_REQUEST_EMPTY'],
    ['X-12', 'CAPSULE_REQUEST_ID_ZERO'],
    ['X-13', 'CAPSULE_REQUEST_ID_REUSED'],
    ['X-14', 'CAPSULE_HOST_BITS'],
    ['X-15', 'CAPSULE_PREFIX_LENGTH'],
    ['X-16', 'CAPSULE_ROUTE_RANGE'],
    ['X-17', 'CAPSULE_ROUTE_ORDER'],
    ['X-18', 'CAPSULE_ROUTE_ORDER'],
    ['X-19', 'CAPSULE_ROUTE_ORDER'],
    ['X-20', 'CAPSULE_ROUTE_ORDER'],
    ['X-21', 'CAPSULE_ROUTE_OVERLAP'],
    ['X-22', 'CAPSULE_IP_VERSION'],
    ['X-23', 'CAPSULE_HOST_BITS'],
    ['X-24', 'CAPSULE_TRUNCATED'],
  ])('%s fails with %s', (id, code) => {
    expect(decodeVector(id)).toEqual([[], code]);
  });

  it('lists every X vector above', () => {
    expect(vectors.filter(({ id }) => id.startsWith('X-'))).toHaveLength(24);
  });
});

describe('every strict prefix of a valid stream means "wait" (CIP-1607)', () => {
  it.each(vectors.filter(({ id, kind }) => /^[AQRD]-/.test(id) && kind === 'caps'))('$id', (own) => {
    const bytes = bytesOf(own);
    const [whole] = decodeStream([bytes], true);
    for (let length = 0; length < bytes.length; length++) {
      const [capsules, error] = decodeStream([bytes.subarray(0, length)], false);
      expect(error).toBeNull();
      expect(whole.slice(0, capsules.length)).toEqual(capsules);
    }
    const byteByByte = Array.from(bytes, (byte) => Uint8Array.of(byte));
    expect(decodeStream(byteByByte, true)).toEqual([whole, null]);
  });
});

/** Static table entries of QPACK that the vectors use (RFC 9204 appendix A). */
const STATIC_TABLE: ReadonlyMap<number, HeaderField> = new Map<number, HeaderField>([
  [0, [':authority', '']],
  [1, [':path', '/']],
  [15, [':method', 'CONNECT']],
  [23, [':scheme', 'https']],
  [25, [':status', '200']],
]);

/** Decodes field lines without dynamic table and Huffman coding (RFC 9204 §4.5), which is all the vectors have. */
function decodeFieldSection(section: Uint8Array): HeaderField[] {
  const headers: HeaderField[] = [];
  let offset = 2;
  const integer = (bits: number): number => {
    const mask = (1 << bits) - 1;
    let value = (section[offset++] ?? 0) & mask;
    if (value < mask) return value;
    for (let shift = 0; ; shift += 7) {
      const byte = section[offset++] ?? 0;
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const text = (bits: number): string => {
    const length = integer(bits);
    offset += length;
    return Buffer.from(section.subarray(offset - length, offset)).toString('latin1');
  };
  while (offset < section.length) {
    const first = section[offset] ?? 0;
    const isIndexed = first >= 0x80;
    const isReference = !isIndexed && first >= 0x40;
    if (isIndexed) headers.push(STATIC_TABLE.get(integer(6)) ?? ['?', '']);
    else if (isReference) headers.push([STATIC_TABLE.get(integer(4))?.[0] ?? '?', text(7)]);
    else headers.push([text(3), text(7)]);
  }
  return headers;
}

function headersOf(id: string): HeaderField[] {
  const [section] = framePayloads(bytesOf(vector(id)), 1n);
  if (section === undefined) throw new Error(`no HEADERS frame in ${id}`);
  return decodeFieldSection(section);
}

describe('requests and responses F (CIP-203, CIP-204, CIP-301, CIP-310)', () => {
  const scoped: Scope = {
    target: { kind: 'prefix', prefix: { address: { family: 6, value: 0x2001_0db8n << 96n }, length: 32 } },
    protocol: 17,
  };

  it.each([
    ['F-01', WHOLE_NETWORK],
    ['F-02', scoped],
  ])('the client sends exactly %s', (id, scope) => {
    const template = defaultTemplate('example.org');
    if (!template.ok) throw new Error(template.error.message);
    const headers = buildRequest(expandTemplate(template.value, scope), { instanceId: null });
    expect(headers).toEqual(headersOf(id));
  });

  it.each([
    ['F-01', WHOLE_NETWORK],
    ['F-02', scoped],
  ])('the server takes %s', (id, scope) => {
    const path = parsePathTemplate(DEFAULT_PATH);
    if (!path.ok) throw new Error(path.error.message);
    const outcome = judgeRequest(headersOf(id), { paths: [path.value], hosts: ['EXAMPLE.org'] });
    expect(outcome).toMatchObject({ accepted: true, request: { scope, capsuleProtocol: true } });
  });

  it('the server answers with F-03, and the client takes it', () => {
    const headers = headersOf('F-03');
    expect(headers).toEqual([[':status', '200'], ...ACCEPT_HEADERS]);
    expect(judgeResponse(200, headers.slice(1))).toEqual({ accepted: true, capsuleProtocol: true });
  });

  it('reads the variables of F-02 one by one', () => {
    expect(parseTarget('2001%3Adb8%3A%3A%2F32')).toEqual({ ok: true, value: scoped.target });
    expect(parseIpproto('17')).toEqual({ ok: true, value: 17 });
  });
});
