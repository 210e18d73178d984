import { X509Certificate } from 'node:crypto';
import { copyFileSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CertificateAuthority } from './authority.js';
import { ensureServerCertificate, type ServerCertificate } from './serverCertificate.js';
import { temporaryAuthority } from './testing/temporaryAuthority.js';

const now = Date.UTC(2026, 0, 15);
const day = 86_400_000;
const names = ['vpn.example.org', 'gateway', '192.0.2.1', '2001:db8::1'];

async function ensure(
  { authority, directory }: { authority: CertificateAuthority; directory: string },
  change: { names?: string[]; now?: number } = {},
): Promise<ServerCertificate> {
  const result = await ensureServerCertificate({ authority, directory, names, now, ...change });
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

describe('the server certificate', () => {
  it('is made on first start for all names, 90 days, key readable by its owner only', async () => {
    using temporary = await temporaryAuthority(now);
    const made = await ensure(temporary);
    expect(made.made).toBe('firstStart');
    expect(made.notAfter).toBe(now + 90 * day);
    const certificate = new X509Certificate(made.chainPem);
    expect(certificate.subjectAltName).toBe(
      'DNS:vpn.example.org, DNS:gateway, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1',
    );
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(temporary.authority.issued(certificate)).toBe(true);
    expect(certificate.checkHost('vpn.example.org')).toBe('vpn.example.org');
    expect(certificate.checkIP('192.0.2.1')).toBe('192.0.2.1');
    expect(statSync(join(temporary.directory, 'server.key')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(temporary.directory, 'server.pem'), 'utf8')).toBe(made.chainPem);
    expect(readdirSync(temporary.directory)).toHaveLength(2);
  });

  it('is kept while it is good, however the names are ordered or written', async () => {
    using temporary = await temporaryAuthority(now);
    const first = await ensure(temporary);
    const second = await ensure(temporary, {
      names: ['[2001:DB8:0::1]', 'VPN.example.org.', '192.0.2.1', 'gateway', 'gateway', ''],
      now: now + 30 * day,
    });
    expect(second).toEqual({ ...first, made: 'kept' });
  });

  it.each([[[...names, '198.51.100.7']], [names.slice(1)]])(
    'is made anew when the names change',
    async (changed) => {
      using temporary = await temporaryAuthority(now);
      await ensure(temporary);
      expect((await ensure(temporary, { names: changed })).made).toBe('namesChanged');
      expect((await ensure(temporary, { names: changed })).made).toBe('kept');
    },
  );

  it('is made anew when a third of its life is left', async () => {
    using temporary = await temporaryAuthority(now);
    const first = await ensure(temporary);
    expect((await ensure(temporary, { now: first.renewAt - 1 })).made).toBe('kept');
    const renewed = await ensure(temporary, { now: first.renewAt });
    expect(renewed.made).toBe('ageing');
    expect(renewed.notAfter).toBeGreaterThan(first.notAfter);
    expect(first.renewAt).toBeGreaterThan(now + 59 * day);
  });

  it('is made anew when the clock is before its first day', async () => {
    using temporary = await temporaryAuthority(now);
    await ensure(temporary);
    expect((await ensure(temporary, { now: now - 2 * day })).made).toBe('ageing');
  });

  it('is made anew when it is damaged, of another key or of another authority', async () => {
    using temporary = await temporaryAuthority(now);
    using other = await temporaryAuthority(now);
    await ensure(temporary);
    await ensure(other);
    const swap = (file: string): void =>
      copyFileSync(join(other.directory, file), join(temporary.directory, file));
    writeFileSync(join(temporary.directory, 'server.pem'), 'half a fi');
    expect((await ensure(temporary)).made).toBe('unusable');
    swap('server.key');
    expect((await ensure(temporary)).made).toBe('unusable');
    swap('server.key');
    swap('server.pem');
    expect((await ensure(temporary)).made).toBe('unusable');
    rmSync(join(temporary.directory, 'server.key'));
    expect((await ensure(temporary)).made).toBe('firstStart');
    expect((await ensure(temporary)).made).toBe('kept');
  });

  it('says so when it cannot be written (PKI_UNWRITABLE)', async () => {
    using temporary = await temporaryAuthority(now);
    const { authority, directory } = temporary;
    const result = await ensureServerCertificate({
      authority,
      directory: join(directory, 'missing'),
      names,
      now,
    });
    expect(result).toMatchObject({ ok: false, error: { code: 'PKI_UNWRITABLE' } });
  });
});
