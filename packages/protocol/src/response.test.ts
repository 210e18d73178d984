import { describe, expect, it } from 'vitest';
import type { HeaderField } from './headerField.js';
import { judgeResponse } from './response.js';

function errorOf(status: number, headers: readonly HeaderField[] = []) {
  const outcome = judgeResponse(status, headers);
  if (outcome.accepted) throw new Error('accepted');
  return outcome.error;
}

describe('judgeResponse (CIP-315)', () => {
  it.each([200, 201, 202, 299])('accepts %i', (status) => {
    expect(judgeResponse(status, [])).toEqual({ accepted: true, capsuleProtocol: false });
  });

  it('reads capsule-protocol, and does without it (CIP-311)', () => {
    expect(judgeResponse(200, [['capsule-protocol', '?1']])).toEqual({
      accepted: true,
      capsuleProtocol: true,
    });
  });

  it.each([204, 205, 206])('takes %i for malformed (CIP-314)', (status) => {
    expect(errorOf(status)).toMatchObject({ code: 'RESPONSE_MALFORMED', status, resetCode: 0x10e });
  });

  it.each(['content-length', 'content-type', 'transfer-encoding'])(
    'takes 200 with %s for malformed (CIP-313)',
    (name) => {
      expect(errorOf(200, [[name, '0']])).toMatchObject({ code: 'RESPONSE_MALFORMED', resetCode: 0x10e });
      expect(errorOf(403, [[name, '0']])).toMatchObject({ code: 'RESPONSE_REJECTED' });
    },
  );

  it.each([0, 100, 103, 199, 600, 999])('takes %i for malformed: no final status', (status) => {
    expect(errorOf(status)).toMatchObject({ code: 'RESPONSE_MALFORMED' });
  });

  it('does not follow redirects', () => {
    const error = errorOf(307, [['location', 'https://other.example/']]);
    expect(error).toMatchObject({ code: 'RESPONSE_REDIRECT', resetCode: 0x10c });
    expect(error.message).toContain('redirect');
  });

  it.each([400, 401, 403, 404, 405, 421, 431, 501])('knows that %i will not change by itself', (status) => {
    expect(errorOf(status)).toMatchObject({ code: 'RESPONSE_REJECTED', status });
  });

  it.each([425, 429, 500, 502, 503, 504])('knows that %i may pass', (status) => {
    expect(errorOf(status)).toMatchObject({ code: 'RESPONSE_UNAVAILABLE', status });
  });
});

describe('what a refusal says', () => {
  it('names the error of the proxy nearest to us (CIP-319)', () => {
    const error = errorOf(503, [
      [
        'proxy-status',
        'origin-side; error=dns_error, masque-vpn; error=connection_limit_reached; details="x"',
      ],
      ['retry-after', '5'],
    ]);
    expect(error).toMatchObject({ proxyError: 'connection_limit_reached', retryAfterMs: 5000 });
    expect(error.message).toMatch(/^status 503: .*no room.*\(connection_limit_reached\)$/);
  });

  it.each(['no list;;', 'proxy; details="x"', 'proxy; error', ''])(
    'does without a usable Proxy-Status: "%s"',
    (value) => {
      expect(errorOf(403, [['proxy-status', value]]).proxyError).toBeNull();
    },
  );

  it.each(['Wed, 21 Oct 2026 07:28:00 GMT', '-1', '1.5', ''])('ignores Retry-After "%s"', (value) => {
    expect(errorOf(503, [['retry-after', value]]).retryAfterMs).toBeNull();
  });
});
