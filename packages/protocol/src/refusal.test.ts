import { describe, expect, it } from 'vitest';
import * as refusals from './refusal.js';

const PROXY_STATUS = 'proxy-status';

describe('the status table of the conformance checklist (CIP-319)', () => {
  it.each([
    [refusals.malformed('C', ''), 400, [[PROXY_STATUS, 'masque-vpn; error=http_request_error']]],
    [
      refusals.unauthorized('C', ''),
      401,
      [['www-authenticate', 'TLS-Client-Certificate realm="masque-vpn"']],
    ],
    [refusals.forbidden('C', ''), 403, [[PROXY_STATUS, 'masque-vpn; error=http_request_denied']]],
    [refusals.notFound('C', ''), 404, []],
    [refusals.methodNotAllowed('C', ''), 405, [['allow', 'CONNECT']]],
    [refusals.misdirected('C', ''), 421, []],
    [refusals.tooManyRequests('C', '', 1.2), 429, [['retry-after', '2']]],
    [refusals.internalError('C', ''), 500, [[PROXY_STATUS, 'masque-vpn; error=proxy_internal_error']]],
    [refusals.notImplemented('C', ''), 501, []],
    [refusals.dnsFailed('C', ''), 502, [[PROXY_STATUS, 'masque-vpn; error=dns_error']]],
    [
      refusals.destinationProhibited('C', ''),
      502,
      [[PROXY_STATUS, 'masque-vpn; error=destination_ip_prohibited']],
    ],
    [
      refusals.destinationUnroutable('C', ''),
      502,
      [[PROXY_STATUS, 'masque-vpn; error=destination_ip_unroutable']],
    ],
    [
      refusals.unavailable('C', '', 0),
      503,
      [
        ['retry-after', '1'],
        [PROXY_STATUS, 'masque-vpn; error=connection_limit_reached'],
      ],
    ],
    [refusals.dnsTimedOut('C', ''), 504, [[PROXY_STATUS, 'masque-vpn; error=dns_timeout']]],
  ])('%j', (refusal, status, headers) => {
    expect(refusal).toMatchObject({ code: 'C', status, headers });
    expect(refusal.resetCode).toBe(status === 400 ? 0x10e : null);
  });

  it('keeps the reason for our log out of the response (CIP-1608)', () => {
    const refusal = refusals.forbidden('C', 'alice is in no group');
    expect(JSON.stringify(refusal.headers)).not.toContain('alice');
  });
});
