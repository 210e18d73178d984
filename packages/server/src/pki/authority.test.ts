import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CertificateAuthority } from './authority.js';
import type { PkiResult } from './pkiError.js';
import { makeCsr } from './testing/csr.js';
import { BasicConstraintsExtension, X509Certificate as ParsedCertificate } from './x509.js';

const now = Date.UTC(2026, 0, 15, 12, 0, 0, 500);
const day = 86_400_000;

async function codeOf(result: Promise<PkiResult<unknown>>): Promise<string> {
  const settled = await result;
  return settled.ok ? 'ok' : settled.error.code;
}

it('a new authority may sign leaves only, for ten years, and is valid at once', async () => {
  const authority = await CertificateAuthority.make(now);
  const parsed = new ParsedCertificate(authority.certificatePem);
  const constraints = parsed.getExtension(BasicConstraintsExtension);
  expect(constraints).toMatchObject({ ca: true, pathLength: 0, critical: true });
  expect(parsed.notBefore.getTime()).toBeLessThan(now);
  expect(authority.madeAt).toBe(now);
  expect(authority.notAfter).toBe(Math.floor((now + 3_650 * day) / 1_000) * 1_000);
  expect(new X509Certificate(authority.certificatePem).fingerprint256.replaceAll(':', '')).toBe(
    authority.sha256.toUpperCase(),
  );
});

// Making RSA keys takes long on a busy machine.
describe('a client certificate', { timeout: 60_000 }, () => {
  it.each(['p256', 'p384', 'ed25519', 'rsa3072'] as const)('is issued for %s', async (algorithm) => {
    const authority = await CertificateAuthority.make(now);
    const csrPem = await makeCsr(algorithm);
    expect(await codeOf(authority.issueClientCertificate({ csrPem, clientId: 'alice', now }))).toBe('ok');
  });

  it('says who the server says it is, and serves TLS clients only', async () => {
    const authority = await CertificateAuthority.make(now);
    const csrPem = await makeCsr();
    const issued = await authority.issueClientCertificate({ csrPem, clientId: 'alice', now });
    if (!issued.ok) throw new Error(issued.error.message);
    const certificate = new X509Certificate(issued.value.pem);
    expect(certificate.subject).toBe('CN=alice');
    expect(certificate.ca).toBe(false);
    expect(certificate.subjectAltName).toBeUndefined();
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(authority.issued(certificate)).toBe(true);
    expect((await CertificateAuthority.make(now)).issued(certificate)).toBe(false);
    expect(issued.value.issuerSha256).toBe(authority.sha256);
    expect(issued.value.sha256).toBe(certificate.fingerprint256.replaceAll(':', '').toLowerCase());
    expect(issued.value.serial).toBe(certificate.serialNumber.toLowerCase());
    expect(issued.value.serial).toMatch(/^[0-9a-f]{32}$/);
  });

  it('lasts 30 days, or as told, but not longer than the authority, and began a while ago', async () => {
    const authority = await CertificateAuthority.make(now);
    const csrPem = await makeCsr();
    const issue = async (at: number, validityMs?: number) => {
      const more = validityMs === undefined ? {} : { validityMs };
      const issued = await authority.issueClientCertificate({ csrPem, clientId: 'alice', now: at, ...more });
      if (!issued.ok) throw new Error(issued.error.message);
      return issued.value;
    };
    const seconds = (ms: number): number => Math.floor(ms / 1_000) * 1_000;
    expect((await issue(now)).notAfter).toBe(seconds(now + 30 * day));
    expect((await issue(now)).notBefore).toBe(seconds(now - 3_600_000));
    expect((await issue(now, day)).notAfter).toBe(seconds(now + day));
    expect((await issue(now + 3_640 * day)).notAfter).toBe(authority.notAfter);
  });
});
