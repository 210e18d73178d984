import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HeaderField } from './headerField.js';
import { parsePathTemplate } from './pathTemplate.js';
import { buildRequest, judgeRequest, type RequestOutcome, type RequestPolicy } from './request.js';
import { WHOLE_NETWORK } from './scope.js';
import { DEFAULT_PATH } from './template.js';
import { must, net } from './testing/parse.js';

const POLICY: RequestPolicy = {
  paths: [must(parsePathTemplate(DEFAULT_PATH)), must(parsePathTemplate('/vpn{?target,ipproto}'))],
  hosts: ['example.org', '192.0.2.1', '2001:db8::1'],
};

const BASE = {
  ':method': 'CONNECT',
  ':protocol': 'connect-ip',
  ':scheme': 'https',
  ':authority': 'example.org',
  ':path': '/.well-known/masque/ip/*/*/',
  'capsule-protocol': '?1',
};

/** The request above with fields changed; null leaves one out. */
function request(
  changes: Record<string, string | null> = {},
  more: readonly HeaderField[] = [],
): RequestOutcome {
  const fields = Object.entries<string | null>({ ...BASE, ...changes });
  const headers = fields.flatMap(([name, value]): HeaderField[] => (value === null ? [] : [[name, value]]));
  return judgeRequest([...headers, ...more], POLICY);
}

const onPath = (path: string): RequestOutcome => request({ ':path': path });
const refused = (status: number, code: string, resetCode: number | null = null) => ({
  accepted: false,
  refusal: { status, code, resetCode },
});
const MALFORMED = refused(400, 'REQUEST_MALFORMED', 0x10e);
const BAD_SCOPE = refused(400, 'REQUEST_SCOPE_INVALID', 0x10e);

describe('a well-formed request', () => {
  it('is accepted with its scope', () => {
    expect(request()).toEqual({
      accepted: true,
      request: {
        authority: 'example.org',
        path: BASE[':path'],
        scope: WHOLE_NETWORK,
        instanceId: null,
        capsuleProtocol: true,
      },
    });
    expect(onPath('/.well-known/masque/ip/192.0.2.0%2F24/17/')).toMatchObject({
      request: { scope: { target: { kind: 'prefix', prefix: net('192.0.2.0/24') }, protocol: 17 } },
    });
  });

  it('may write * as %2A (CIP-205), and leave variables out (CIP-206)', () => {
    for (const path of ['/.well-known/masque/ip/%2A/%2a/', '/vpn', '/vpn?user=bob']) {
      expect(onPath(path)).toMatchObject({ accepted: true, request: { scope: WHOLE_NETWORK } });
    }
  });

  it.each([
    'EXAMPLE.ORG',
    'example.org.',
    'example.org:443',
    'example.org:',
    '192.0.2.1:4443',
    '[2001:DB8:0::1]:443',
  ])('may name %s, whatever the port', (authority) => {
    expect(request({ ':authority': authority })).toMatchObject({ accepted: true, request: { authority } });
  });

  it.each([null, '?0', '1', '"?1"'])(
    'may say capsule-protocol %s, which counts as absent (CIP-311, CIP-312)',
    (value) => {
      expect(request({ 'capsule-protocol': value })).toMatchObject({
        accepted: true,
        request: { capsuleProtocol: false },
      });
    },
  );

  it('may carry parameters on capsule-protocol, but not two lines (CIP-312)', () => {
    expect(request({ 'capsule-protocol': '?1;x=y' })).toMatchObject({ request: { capsuleProtocol: true } });
    expect(request({}, [['capsule-protocol', '?1']])).toMatchObject({ request: { capsuleProtocol: false } });
  });

  it('is what the client builds, instance id included', () => {
    const uri = { scheme: 'https', authority: 'example.org', path: '/vpn' } as const;
    const instanceId = '0190b5a4-7d6e-7c3a-8f00-1234567890ab';
    expect(judgeRequest(buildRequest(uri, { instanceId }), POLICY)).toMatchObject({
      request: { instanceId },
    });
    expect(judgeRequest(buildRequest(uri, { instanceId: null }), POLICY)).toMatchObject({
      request: { instanceId: null },
    });
  });

  it.each(['', 'x', '0190b5a4-7d6e-7c3a-8f00-1234567890a', `0190b5a4-7d6e-7c3a-8f00-1234567890ab x`])(
    'has no instance id if it says "%s"',
    (value) => {
      expect(request({ 'masque-vpn-instance': value })).toMatchObject({ request: { instanceId: null } });
    },
  );

  it('has no instance id if it names two', () => {
    const line: HeaderField = ['masque-vpn-instance', '0190b5a4-7d6e-7c3a-8f00-1234567890ab'];
    expect(request({}, [line])).toMatchObject({ request: { instanceId: line[1] } });
    expect(request({}, [line, line])).toMatchObject({ request: { instanceId: null } });
  });

  it('may repeat its authority in host, and say te: trailers', () => {
    expect(request({ host: 'Example.org', te: 'trailers' })).toMatchObject({ accepted: true });
  });
});

describe('a malformed request is refused with 400 and reset with 0x10e', () => {
  it.each([':scheme', ':path', ':authority'])('without %s, or with an empty one (CIP-302)', (name) => {
    expect(request({ [name]: null })).toMatchObject(MALFORMED);
    expect(request({ [name]: '' })).toMatchObject(MALFORMED);
  });

  it.each<[string, HeaderField[]]>([
    ['a second :path', [[':path', '/']]],
    ['an unknown pseudo-header', [[':foo', 'x']]],
    ['a late pseudo-header', [[':status', '200']]],
    ['an upper-case name', [['X-A', 'b']]],
    ['an empty name', [['', 'b']]],
    ['a space in a name', [['x a', 'b']]],
    ['connection', [['connection', 'close']]],
    ['upgrade', [['upgrade', 'connect-ip']]],
    ['keep-alive', [['keep-alive', 'x']]],
    ['proxy-connection', [['proxy-connection', 'x']]],
    ['te other than trailers', [['te', 'gzip']]],
    ['NUL in a value', [['x', 'a\0b']]],
    ['a line break in a value', [['x', 'a\r\nb']]],
    ['another host', [['host', 'other.example']]],
  ])('with %s (CIP-303)', (_, fields) => {
    expect(request({}, fields)).toMatchObject(MALFORMED);
  });

  it.each([':method', ':protocol', ':scheme', ':authority', ':path'])('with %s twice (CIP-303)', (name) => {
    const once = Object.entries(BASE);
    const again = once.filter(([own]) => own === name);
    expect(judgeRequest([...again, ...once], POLICY)).toMatchObject(MALFORMED);
  });

  it('with a pseudo-header after a regular field (CIP-303)', () => {
    const [path, ...rest] = Object.entries(BASE).toReversed();
    expect(judgeRequest([path ?? ['', ''], ...rest], POLICY)).toMatchObject(MALFORMED);
  });

  it.each(['content-length', 'content-type', 'transfer-encoding'])('with %s (CIP-313)', (name) => {
    expect(request({ [name]: '0' })).toMatchObject(MALFORMED);
  });

  it('with :protocol on another method, or CONNECT with :path but without :protocol (CIP-304)', () => {
    expect(request({ ':method': 'GET' })).toMatchObject(MALFORMED);
    expect(request({ ':protocol': null })).toMatchObject(MALFORMED);
    expect(request({ ':protocol': null, ':scheme': null })).toMatchObject(MALFORMED);
  });

  it.each(['vpn', '*', 'https://example.org/vpn', '/vpn#x', '/v\u00e9', '/v pn', '/vpn\u007f'])(
    'with the path "%s"',
    (path) => {
      expect(onPath(path)).toMatchObject(MALFORMED);
    },
  );

  it.each(['user@example.org', 'exa mple.org', 'example.org/x'])('with the authority "%s"', (authority) => {
    expect(request({ ':authority': authority })).toMatchObject(MALFORMED);
  });

  it.each([null, '', 'CONN ECT'])('with the method "%s"', (method) => {
    expect(request({ ':method': method })).toMatchObject(MALFORMED);
  });

  it.each([
    '/.well-known/masque/ip/*/256/',
    '/.well-known/masque/ip/*//',
    '/.well-known/masque/ip//*/',
    '/.well-known/masque/ip/192.0.2.1%2F24/*/',
    '/.well-known/masque/ip/%2e%2e/17/',
    '/.well-known/masque/ip/%2/17/',
    '/vpn?target=&ipproto=6',
    '/vpn?target=*&target=*',
  ])('with scope variables that break the rules: %s (CIP-306)', (path) => {
    expect(onPath(path)).toMatchObject(BAD_SCOPE);
  });
});

describe('other refusals', () => {
  it.each(['connect-foo', 'connect-udp', 'CONNECT-IP', ''])(
    'answer :protocol "%s" with 501 (CIP-305)',
    (protocol) => {
      expect(request({ ':protocol': protocol })).toMatchObject(refused(501, 'REQUEST_PROTOCOL_UNKNOWN'));
    },
  );

  it('answer classic CONNECT with 501', () => {
    expect(request({ ':protocol': null, ':scheme': null, ':path': null })).toMatchObject(
      refused(501, 'REQUEST_CLASSIC_CONNECT'),
    );
  });

  it.each([
    'other.example',
    'other.example:443',
    'www.example.org',
    'example.org.example',
    '192.0.2.2',
    '[::1]',
  ])('answer authority %s with 421', (authority) => {
    expect(request({ ':authority': authority })).toMatchObject(refused(421, 'REQUEST_AUTHORITY_UNKNOWN'));
  });

  it('answer http with 421', () => {
    expect(request({ ':scheme': 'http' })).toMatchObject(refused(421, 'REQUEST_AUTHORITY_UNKNOWN'));
  });

  it.each([
    '/',
    '/.well-known/masque/ip/192.0.2.0/24/17/',
    '/.well-known/masque/udp/192.0.2.1/53/',
    '//vpn',
    '/./vpn',
  ])('answer the path %s with 404 (CIP-307)', (path) => {
    expect(onPath(path)).toMatchObject(refused(404, 'REQUEST_PATH_UNKNOWN'));
  });

  it.each(['GET', 'POST', 'HEAD', 'PUT'])(
    'answer %s on a tunnel path with 405 and Allow, elsewhere with 404',
    (method) => {
      expect(request({ ':method': method, ':protocol': null, 'content-length': '0' })).toMatchObject({
        refusal: {
          status: 405,
          code: 'REQUEST_METHOD_NOT_ALLOWED',
          headers: [['allow', 'CONNECT']],
          resetCode: null,
        },
      });
      expect(request({ ':method': method, ':protocol': null, ':path': '/' })).toMatchObject(
        refused(404, 'REQUEST_PATH_UNKNOWN'),
      );
    },
  );

  it('take an ordinary request that names its host only in host', () => {
    const get = { ':method': 'GET', ':protocol': null, ':authority': null };
    expect(request({ ...get, host: 'example.org' })).toMatchObject(
      refused(405, 'REQUEST_METHOD_NOT_ALLOWED'),
    );
    expect(request(get)).toMatchObject(MALFORMED);
  });

  it('answer OPTIONS * with 404', () => {
    expect(request({ ':method': 'OPTIONS', ':protocol': null, ':path': '*' })).toMatchObject(
      refused(404, 'REQUEST_PATH_UNKNOWN'),
    );
  });
});

describe('any header list', () => {
  const name = fc.oneof(
    fc.constantFrom(...Object.keys(BASE), 'host', 'te', 'content-length'),
    fc.string({ maxLength: 12 }),
  );
  const value = fc.oneof(fc.constantFrom(...Object.values(BASE)), fc.string({ maxLength: 40 }));

  it('gets an outcome, never an exception', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 12 }), (headers) => {
        const outcome = judgeRequest(headers, POLICY);
        expect(outcome.accepted || outcome.refusal.status >= 400).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('and any path, too', () => {
    const piece = fc.constantFrom(
      '*',
      '%2A',
      '%2F',
      '%',
      '/',
      '..',
      '192.0.2.0',
      '24',
      '::',
      '%3A',
      'a',
      '\u00e9',
      '?',
      '=',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const outcome = onPath(`/.well-known/masque/ip/${pieces.join('')}`);
        expect(outcome.accepted || [400, 404].includes(outcome.refusal.status)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
