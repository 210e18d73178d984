import { describe, expect, it, test } from 'vitest';
import { formatPostgresAddress, parsePostgresUrl, type PostgresAddress } from './postgresUrl.js';

function parsed(text: string): PostgresAddress {
  const result = parsePostgresUrl(text);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

describe('parsePostgresUrl', () => {
  it('takes everything a URL can say', () => {
    const address = parsed(
      'postgresql://vpn%40a:p%40ss@db.example.org:6432/my%20db?sslmode=verify-ca&sslrootcert=/ca.pem&sslcert=/c.pem&sslkey=/k.pem',
    );
    expect({ ...address, password: address.password?.reveal() }).toEqual({
      host: 'db.example.org',
      port: 6432,
      database: 'my db',
      user: 'vpn@a',
      password: 'p@ss',
      tls: {
        mode: 'verify-ca',
        rootCertificateFile: '/ca.pem',
        certificateFile: '/c.pem',
        keyFile: '/k.pem',
      },
    });
  });

  it.each([
    ['postgres:///vpn?host=/run/postgresql&user=me', '/run/postgresql', 'me'],
    ['postgres://me@/vpn?host=/run/postgresql', '/run/postgresql', 'me'],
    ['postgres://me@[fd00::5]/vpn', 'fd00::5', 'me'],
    ['postgres://10.0.0.1/vpn', '10.0.0.1', null],
  ])('%s', (text, host, user) => {
    expect(parsed(text)).toMatchObject({ host, user, port: 5432, database: 'vpn', password: null });
  });

  it.each([
    ['postgres://db.example.org/vpn', 'verify-full'],
    ['postgres://10.0.0.1/vpn', 'verify-full'],
    ['postgres://[fd00::1]/vpn', 'verify-full'],
    ['postgres://localhost/vpn', 'disable'],
    ['postgres://127.3.2.1/vpn', 'disable'],
    ['postgres://[::1]/vpn', 'disable'],
    ['postgres:///vpn?host=/run/postgresql', 'disable'],
    ['postgres://localhost/vpn?sslmode=require', 'require'],
    ['postgres://10.0.0.1/vpn?sslmode=disable', 'disable'],
  ])('%s is spoken to with sslmode %s', (text, mode) => {
    expect(parsed(text).tls.mode).toBe(mode);
  });

  it.each([
    ['mysql://db/vpn', 'no URL'],
    ['db.example.org', 'no URL'],
    ['postgres:vpn', 'no URL'],
    ['postgres://db', 'names no database'],
    ['postgres://db/', 'names no database'],
    ['postgres://db/a/b', 'names no database'],
    ['postgres:///vpn', 'names no host'],
    ['postgres://me@/vpn', 'names no host'],
    ['postgres://db:99999/vpn', 'no URL'],
    ['postgres://db/vpn?port=0', 'port'],
    ['postgres://db/vpn?port=x', 'port'],
    ['postgres://db/vpn?sslmode=prefer', '"prefer" is no sslmode'],
    ['postgres://db/vpn?sslcert=/c.pem', 'belong together'],
    ['postgres://db/vpn?password=x', 'parameter "password" is not known'],
    ['postgres://a%ff:x@db/vpn', '%'],
  ])('refuses %s: %s', (text, message) => {
    const result = parsePostgresUrl(text);
    expect(result.ok ? 'accepted' : result.error.message).toContain(message);
  });
});

test('an address is shown without its password', () => {
  expect(formatPostgresAddress(parsed('postgres://me:secret@db:6000/vpn?sslmode=require'))).toBe(
    'postgres://me@db:6000/vpn',
  );
  expect(formatPostgresAddress(parsed('postgres://me@[fd00::5]/vpn'))).toBe(
    'postgres://me@[fd00::5]:5432/vpn',
  );
  expect(formatPostgresAddress(parsed('postgres://me:x@/vpn?host=/run/postgresql'))).toBe(
    'postgres://me@/vpn?host=/run/postgresql&port=5432',
  );
});
