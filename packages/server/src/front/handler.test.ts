import { Readable } from 'node:stream';
import { ManualClock } from '@masque-vpn/engine/fake';
import { ENROLMENT_PATHS, fail, ok, type Certified } from '@masque-vpn/protocol';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { StoreError } from '../store/storeError.js';
import { FrontHandler, type FrontHandlerOptions, type FrontRequest } from './handler.js';

const certified: Certified = {
  clientId: 'alice',
  certificatePem: 'C',
  serverTrust: { anchorsPem: 'A', system: false },
  url: 'u',
  addressHints: [],
  notAfterMs: 3,
  renewAfterMs: 2,
  serverTimeMs: 1,
};
const redemption = { secret: 's'.repeat(32), csrPem: 'csr' };

describe('a request at the public port', () => {
  let clock: ManualClock;
  let redeem: FrontHandlerOptions['certification']['redeem'];
  let renew: FrontHandlerOptions['certification']['renew'];
  let handler: FrontHandler;

  beforeEach(() => {
    clock = new ManualClock();
    redeem = () => Promise.resolve(ok(certified));
    renew = () => Promise.resolve(ok(certified));
    handler = new FrontHandler({
      certification: { redeem: (...given) => redeem(...given), renew: (...given) => renew(...given) },
      clock,
      logger: pino({ level: 'silent' }),
    });
  });

  function request(body: unknown, change: Partial<FrontRequest> = {}): FrontRequest {
    return {
      method: 'POST',
      path: ENROLMENT_PATHS.redeem,
      contentType: 'application/json; charset=utf-8',
      body: Readable.from([Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))]),
      remoteAddress: '192.0.2.1',
      leafSha256: null,
      ...change,
    };
  }

  async function codeOf(body: unknown, change: Partial<FrontRequest> = {}): Promise<string> {
    const outcome = await handler.answer(request(body, change));
    return outcome.ok ? 'ok' : outcome.error.code;
  }

  it.each(['a\u0000', 'a\u001b', '\\ud800'])('with a text that nobody means is refused: %j', async (text) => {
    const bodies = [
      { ...redemption, instance: text },
      { ...redemption, secret: text },
      { ...redemption, [text]: 1 },
    ];
    for (const body of bodies) {
      const sent = JSON.stringify(body).replaceAll('\\\\u', '\\u');
      expect(await codeOf(sent)).toBe('ENROLMENT_MESSAGE_INVALID');
      const renewal = { path: ENROLMENT_PATHS.renew, leafSha256: 'aa' };
      expect(await codeOf(sent, renewal)).toBe('ENROLMENT_MESSAGE_INVALID');
    }
  });

  it('redeems', async () => {
    const seen: unknown[] = [];
    redeem = (...given) => {
      seen.push(given);
      return Promise.resolve(ok(certified));
    };
    expect(await handler.answer(request(redemption))).toEqual(ok(certified));
    expect(seen).toEqual([[redemption, '192.0.2.1']]);
  });

  it('renews for whoever presents a certificate only', async () => {
    const renewal = { path: ENROLMENT_PATHS.renew };
    expect(await codeOf({ csrPem: 'c' }, renewal)).toBe('CERTIFICATE_MISSING');
    const seen: unknown[] = [];
    renew = (...given) => {
      seen.push(given);
      return Promise.resolve(ok(certified));
    };
    expect(await codeOf({ csrPem: 'c' }, { ...renewal, leafSha256: 'ab' })).toBe('ok');
    expect(seen).toEqual([[{ csrPem: 'c', sha256: 'ab' }, '192.0.2.1']]);
  });

  it.each([
    ['FRONT_NOT_FOUND', { path: '/' }],
    ['FRONT_NOT_FOUND', { path: '/api/v1/clients' }],
    ['FRONT_NOT_FOUND', { path: `${ENROLMENT_PATHS.redeem}/` }],
    ['FRONT_METHOD_NOT_ALLOWED', { method: 'GET' }],
    ['FRONT_UNSUPPORTED_MEDIA_TYPE', { contentType: undefined }],
    ['FRONT_UNSUPPORTED_MEDIA_TYPE', { contentType: 'application/jsonp' }],
  ])('is refused with %s for %j', async (code, change) => {
    expect(await codeOf(redemption, change)).toBe(code);
  });

  it.each([
    ['FRONT_BODY_TOO_LARGE', JSON.stringify({ ...redemption, csrPem: 'c'.repeat(16_384) })],
    ['ENROLMENT_MESSAGE_INVALID', '{"secret":'],
    ['ENROLMENT_MESSAGE_INVALID', '[]'],
    ['ENROLMENT_MESSAGE_INVALID', '{}'],
  ])('is refused with %s for a bad body', async (code, body) => {
    expect(await codeOf(body)).toBe(code);
  });

  it('that breaks off is refused', async () => {
    const body = new Readable({ read: () => undefined });
    body.destroy(new Error('aborted'));
    expect(await codeOf('', { body })).toBe('ENROLMENT_MESSAGE_INVALID');
  });

  it('locks a sender out that guesses, and nobody else, and only for a while', async () => {
    redeem = () => Promise.resolve(fail({ code: 'ENROLMENT_UNKNOWN', message: '' }));
    for (let attempt = 0; attempt < 10; attempt++) expect(await codeOf(redemption)).toBe('ENROLMENT_UNKNOWN');
    expect(await handler.answer(request(redemption))).toMatchObject({
      error: { code: 'ENROLMENT_RATE_LIMITED', retryAfterSeconds: 30 },
    });
    redeem = () => Promise.resolve(ok(certified));
    expect(await codeOf(redemption)).toBe('ENROLMENT_RATE_LIMITED');
    expect(await codeOf(redemption, { remoteAddress: '192.0.2.2' })).toBe('ok');
    clock.advance(30_000);
    expect(await codeOf(redemption)).toBe('ok');
  });

  it('learns nothing more by guessing many times at once', async () => {
    redeem = () => Promise.resolve(fail({ code: 'ENROLMENT_UNKNOWN', message: '' }));
    const codes = await Promise.all(Array.from({ length: 30 }, () => codeOf(redemption)));
    expect(codes.filter((code) => code === 'ENROLMENT_UNKNOWN')).toHaveLength(10);
  });

  it('gets only so many certificates for one', async () => {
    const renewal = { path: ENROLMENT_PATHS.renew, leafSha256: 'ab' };
    for (let time = 0; time < 10; time++) expect(await codeOf({ csrPem: 'c' }, renewal)).toBe('ok');
    expect(await codeOf({ csrPem: 'c' }, renewal)).toBe('ENROLMENT_RATE_LIMITED');
    expect(await codeOf({ csrPem: 'c' }, { ...renewal, leafSha256: 'cd' })).toBe('ok');
  });

  it('waits its turn when too many are being decided', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    redeem = async () => {
      await gate;
      return ok(certified);
    };
    const first = Array.from({ length: 33 }, (_, at) =>
      codeOf(redemption, { remoteAddress: `192.0.2.${at}` }),
    );
    expect(await Promise.race(first)).toBe('ENROLMENT_RATE_LIMITED');
    release();
    expect((await Promise.all(first)).filter((code) => code === 'ok')).toHaveLength(32);
  });

  it('is told when the database or the server fails, without details', async () => {
    redeem = () => Promise.reject(new StoreError('STORE_FULL', 'the disk'));
    expect(await handler.answer(request(redemption))).toMatchObject({
      error: { code: 'STORE_UNAVAILABLE', retryAfterSeconds: 5 },
    });
    redeem = () => Promise.reject(new Error('a secret'));
    const outcome = await handler.answer(request(redemption));
    expect(outcome).toMatchObject({ error: { code: 'FRONT_FAILED' } });
    expect(JSON.stringify(outcome)).not.toContain('secret');
  });
});
