import { describe, expect, it } from 'vitest';
import { encodeAddressAssign, encodeAddressRequest, isRefusal } from './addressCapsule.js';
import { CAPSULE_ERROR_CODES, capsuleError } from './capsule.js';
import { decodeControlCapsule } from './controlCapsule.js';
import { encodeRouteAdvertisement } from './routeCapsule.js';
import { net, route } from './testing/parse.js';

const LIMIT_CODES = CAPSULE_ERROR_CODES.filter((code) => code.startsWith('CAPSULE_TOO_'));

describe('limits (CIP-1604)', () => {
  const hosts = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      requestId: BigInt(index + 1),
      prefix: net(`10.0.0.${index + 1}`),
    }));

  it('takes 16 assigned addresses, not 17', () => {
    expect(decodeControlCapsule(encodeAddressAssign(hosts(16))).ok).toBe(true);
    expect(decodeControlCapsule(encodeAddressAssign(hosts(17)))).toMatchObject({
      error: { code: 'CAPSULE_TOO_MANY_ADDRESSES', httpErrorCode: 0x107 },
    });
  });

  it('does not count refusals as addresses: 64 requests may all be refused at once', () => {
    const refusals = Array.from({ length: 64 }, (_, index) => ({
      requestId: BigInt(index + 1),
      prefix: net('0.0.0.0/32'),
    }));
    expect(decodeControlCapsule(encodeAddressAssign(refusals)).ok).toBe(true);
    expect(decodeControlCapsule(encodeAddressAssign([...refusals, ...hosts(17)]))).toMatchObject({
      error: { code: 'CAPSULE_TOO_MANY_ADDRESSES' },
    });
  });

  it('takes 64 requests in a capsule, not 65', () => {
    expect(decodeControlCapsule(encodeAddressRequest(hosts(64))).ok).toBe(true);
    expect(decodeControlCapsule(encodeAddressRequest(hosts(65)))).toMatchObject({
      error: { code: 'CAPSULE_TOO_MANY_REQUESTS', httpErrorCode: 0x107 },
    });
  });

  it('takes 1024 ranges, not 1025', () => {
    const routes = (count: number) =>
      Array.from({ length: count }, (_, index) => route(`10.${index >> 8}.${index & 255}.0/32`));
    expect(decodeControlCapsule(encodeRouteAdvertisement(routes(1024))).ok).toBe(true);
    expect(decodeControlCapsule(encodeRouteAdvertisement(routes(1025)))).toMatchObject({
      error: { code: 'CAPSULE_TOO_MANY_ROUTES', httpErrorCode: 0x107 },
    });
  });
});

describe('capsule errors', () => {
  it.each(CAPSULE_ERROR_CODES)('%s names its rule and resets with 0x10e, or 0x107 over a limit', (code) => {
    const error = capsuleError(code, '');
    expect(error.rule).toMatch(/^CIP-\d+$/);
    expect(error.httpErrorCode).toBe(LIMIT_CODES.includes(code) ? 0x107 : 0x10e);
  });
});

describe('isRefusal (CIP-706)', () => {
  it.each([
    ['0.0.0.0/32', true],
    ['::/128', true],
    ['0.0.0.0/0', false],
    ['::/0', false],
    ['0.0.0.0/31', false],
    ['10.0.0.1/32', false],
  ])('%s: %s', (text, expected) => {
    expect(isRefusal(net(text))).toBe(expected);
  });
});
