import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatEnrolmentLink, parseEnrolmentLink, type EnrolmentLink } from './link.js';

const secret = 'abcdefghijklmnopqrstuvwxyzABCD-_';
const fingerprint = 'ab'.repeat(32);
const pin = Buffer.from(fingerprint, 'hex').toString('base64url');
const example = `masque-vpn://vpn.example.org:443/enroll#${secret}.${pin}`;

describe('an enrolment link', () => {
  it('says where the server is, the secret, and by what to know the server', () => {
    expect(parseEnrolmentLink(` ${example}\n`)).toEqual({
      ok: true,
      value: { host: 'vpn.example.org', port: 443, secret, trust: { sha256: [fingerprint], system: false } },
    });
  });

  it('keeps the secret in the fragment, which is never sent', () => {
    expect(new URL(example).hash).toContain(secret);
    expect(example.split('#')[0]).not.toContain(secret);
  });

  it('reads back as it was written, whatever the server', () => {
    const hex = fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes) => Buffer.from(bytes).toString('hex'));
    const links: fc.Arbitrary<EnrolmentLink> = fc.record({
      host: fc.constantFrom('vpn.example.org', 'gateway', '192.0.2.1', '2001:db8::1'),
      port: fc.integer({ min: 1, max: 65_535 }),
      secret: fc
        .uint8Array({ minLength: 24, maxLength: 24 })
        .map((bytes) => Buffer.from(bytes).toString('base64url')),
      trust: fc.oneof(
        fc.record({ sha256: fc.array(hex, { minLength: 1, maxLength: 3 }), system: fc.boolean() }),
        fc.constant({ sha256: [], system: true }),
      ),
    });
    fc.assert(
      fc.property(links, (link) => {
        expect(parseEnrolmentLink(formatEnrolmentLink(link))).toEqual({ ok: true, value: link });
      }),
    );
  });

  it('is refused however much of its end is lost (ENROLMENT_LINK_INVALID)', () => {
    for (let length = 0; length < example.length; length++) {
      expect(parseEnrolmentLink(example.slice(0, length)).ok, example.slice(0, length)).toBe(false);
    }
  });

  it.each([
    ['of another scheme', example.replace('masque-vpn:', 'https:')],
    ['of another path', example.replace('/enroll', '/')],
    ['with user information', example.replace('vpn.', 'me@vpn.')],
    ['with a query', example.replace('#', '?a=b#')],
    ['with port 0', example.replace(':443', ':0')],
    ['with a host that is none', example.replace('vpn.example.org', '-')],
    ['with a longer fingerprint', `${example}A`],
    ['with a fingerprint that has spare bits set', `${example.slice(0, -1)}t`],
    ['with more fingerprints than a server ever has', `${example}${`.${pin}`.repeat(4)}`],
  ])('is refused %s', (_what, text) => {
    expect(parseEnrolmentLink(text)).toMatchObject({ ok: false, error: { code: 'ENROLMENT_LINK_INVALID' } });
  });

  it('never repeats the secret in what it complains about', () => {
    const result = parseEnrolmentLink(`${example}A`);
    expect(JSON.stringify(result)).not.toContain(secret);
  });
});
