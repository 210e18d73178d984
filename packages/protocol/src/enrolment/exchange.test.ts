import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCertified, parseEnrolmentProblem, parseRedemption, parseRenewal } from './exchange.js';

const certified = {
  clientId: 'alice',
  certificatePem: 'C',
  serverTrust: { anchorsPem: 'A', system: false },
  url: 'https://vpn.example.org/{target}/{ipproto}/',
  addressHints: ['192.0.2.1'],
  notAfterMs: 3,
  renewAfterMs: 2,
  serverTimeMs: 1,
};

describe('messages of enrolment', () => {
  it('are read as they were written', () => {
    expect(parseCertified(structuredClone(certified))).toEqual({ ok: true, value: certified });
    const redemption = { secret: 's', csrPem: 'c', instance: 'i' };
    expect(parseRedemption(redemption)).toEqual({ ok: true, value: redemption });
    expect(parseRedemption({ secret: 's', csrPem: 'c' })).toEqual({
      ok: true,
      value: { secret: 's', csrPem: 'c' },
    });
    expect(parseRenewal({ csrPem: 'c' })).toEqual({ ok: true, value: { csrPem: 'c' } });
  });

  it('may have more in them than is known today', () => {
    expect(parseCertified({ ...certified, later: 1 })).toEqual({ ok: true, value: certified });
  });

  it.each(Object.keys(certified))('are refused without %s (ENROLMENT_MESSAGE_INVALID)', (name) => {
    const without = Object.fromEntries(Object.entries(certified).filter(([key]) => key !== name));
    expect(parseCertified(without)).toMatchObject({
      ok: false,
      error: { code: 'ENROLMENT_MESSAGE_INVALID' },
    });
    expect(parseCertified({ ...certified, [name]: { a: 1 } }).ok).toBe(false);
  });

  it.each([
    ['no secret', { csrPem: 'c' }],
    ['no request', { secret: 's' }],
    ['an empty secret', { secret: '', csrPem: 'c' }],
    ['a secret that is no text', { secret: 1, csrPem: 'c' }],
    ['an instance that is no text', { secret: 's', csrPem: 'c', instance: 1 }],
    ['an endless instance', { secret: 's', csrPem: 'c', instance: 'i'.repeat(129) }],
    ['null', null],
    ['a list', ['s', 'c']],
  ])('are refused with %s', (_what, json) => {
    expect(parseRedemption(json)).toMatchObject({ ok: false, error: { code: 'ENROLMENT_MESSAGE_INVALID' } });
  });

  it('never throw, whatever they are', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        for (const parse of [parseCertified, parseRedemption, parseRenewal])
          expect(parse(json)).toHaveProperty('ok');
        expect(parseEnrolmentProblem(400, json).status).toBe(400);
      }),
    );
  });

  it('that refuse carry the code of the server, or say that no server of ours answered', () => {
    expect(parseEnrolmentProblem(409, { code: 'ENROLMENT_USED', title: 'Used', detail: 'was used' })).toEqual(
      {
        status: 409,
        code: 'ENROLMENT_USED',
        message: 'was used',
      },
    );
    expect(parseEnrolmentProblem(502, '<html>').code).toBe('ENROLMENT_MESSAGE_INVALID');
  });
});
