import { parsePrefix } from '@masque-vpn/protocol';
import { describe, expect, test } from 'vitest';
import { Targets } from './target.js';

const pool = parsePrefix('2a00:1:2:3::/64');
if (!pool.ok) throw new Error(pool.error.message);
const strict = new Targets({ allowPrivate: false, own: [pool.value, '198.18.0.1', '93.184.0.7'] });
const lax = new Targets({ allowPrivate: true, own: [] });

test.each([
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '169.254.169.254',
  '172.31.255.255',
  '192.168.1.1',
  '224.0.0.1',
  '255.255.255.255',
  '93.184.0.7',
  '::',
  '::1',
  '::127.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:10.0.0.1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  'fe80::1',
  'fc00::1',
  'ff02::1',
  '2a00:1:2:3::99',
  'not an address',
  '',
])('%s is refused', (address) => {
  expect(strict.allows(address)).toBe(false);
});

test.each(['93.184.216.34', '8.8.8.8', '2a00:1:2:4::1', '2606:4700::1111'])('%s is allowed', (address) => {
  expect(strict.allows(address)).toBe(true);
});

test('private addresses are allowed where somebody said so, those of no single machine never', () => {
  expect(['127.0.0.1', '10.0.0.1', '::1', 'fd00::1'].map((address) => lax.allows(address))).toEqual(
    Array.from({ length: 4 }, () => true),
  );
  expect(['224.0.0.1', 'ff02::1', '255.255.255.255'].some((address) => lax.allows(address))).toBe(false);
});

describe('a URL', () => {
  test.each([
    'https://example.org/hook?a=b',
    'https://example.org:8443/',
    'https://93.184.216.34/',
    'https://[2606:4700::1111]/',
  ])('%s can be called', (url) => {
    expect(strict.judge(url).ok).toBe(true);
  });

  test.each([
    'http://example.org/',
    'ftp://example.org/',
    'file:///etc/passwd',
    'example.org/hook',
    '',
    'https://user:password@example.org/',
    'https://example.org/#fragment',
    'https://127.0.0.1/',
    // All of these are 127.0.0.1 to a URL parser.
    'https://2130706433/',
    'https://0x7f.1/',
    'https://017700000001/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::1]/',
    'https://169.254.169.254/latest/meta-data',
  ])('%s is refused', (url) => {
    expect(strict.judge(url)).toMatchObject({ ok: false, error: { code: 'WEBHOOK_URL_REFUSED' } });
  });

  test('to a private network is fine where somebody said so, without TLS too', () => {
    expect(lax.judge('http://10.0.0.9:8000/hook').ok).toBe(true);
    expect(lax.judge('http://user@10.0.0.9/').ok).toBe(false);
  });
});
