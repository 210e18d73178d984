import { X509Certificate } from 'node:crypto';
import { chmodSync, copyFileSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { openAuthority, type CertificateAuthority } from './authority.js';
import type { PkiResult } from './pkiError.js';
import { makeCsr } from './testing/csr.js';
import { temporaryAuthority } from './testing/temporaryAuthority.js';
import { BasicConstraintsExtension, X509Certificate as ParsedCertificate } from './x509.js';

const now = Date.UTC(2026, 0, 15, 12, 0, 0, 500);
const day = 86_400_000;

function open(directory: string, at = now): Promise<PkiResult<CertificateAuthority>> {
  return openAuthority({ directory, now: at, logger: pino({ level: 'silent' }) });
}

async function codeOf(result: Promise<PkiResult<unknown>>): Promise<string> {
  const settled = await result;
  return settled.ok ? 'ok' : settled.error.code;
}

describe('a new authority', () => {
  it('is written so that only its owner reads the key, without leftovers', async () => {
    using temporary = await temporaryAuthority(now);
    expect(readdirSync(temporary.directory).toSorted()).toEqual(['ca.key', 'ca.pem']);
    expect(statSync(join(temporary.directory, 'ca.key')).mode & 0o777).toBe(0o600);
    expect(statSync(join(temporary.directory, 'ca.pem')).mode & 0o777).toBe(0o644);
  });

  it('may sign leaves only, for ten years, and is valid at once', async () => {
    using temporary = await temporaryAuthority(now);
    const parsed = new ParsedCertificate(temporary.authority.certificatePem);
    expect(parsed.getExtension(BasicConstraintsExtension)).toMatchObject({
      ca: true,
      pathLength: 0,
      critical: true,
    });
    expect(parsed.notBefore.getTime()).toBeLessThan(now);
    expect(temporary.authority.notAfter).toBe(Math.floor((now + 3_650 * day) / 1_000) * 1_000);
    expect(new X509Certificate(temporary.authority.certificatePem).fingerprint256.replaceAll(':', '')).toBe(
      temporary.authority.sha256.toUpperCase(),
    );
  });

  it('is the same after a restart', async () => {
    using temporary = await temporaryAuthority(now);
    const again = await open(temporary.directory, now + day);
    expect(again.ok && again.value.sha256).toBe(temporary.authority.sha256);
  });

  it('says so when it cannot be written (PKI_UNWRITABLE)', async () => {
    using temporary = await temporaryAuthority(now);
    expect(await codeOf(open(join(temporary.directory, 'missing')))).toBe('PKI_UNWRITABLE');
  });
});

describe('an existing authority', () => {
  it.each(['ca.pem', 'ca.key'])('without %s is never made anew (PKI_CA_INCOMPLETE)', async (missing) => {
    using temporary = await temporaryAuthority(now);
    rmSync(join(temporary.directory, missing));
    expect(await codeOf(open(temporary.directory))).toBe('PKI_CA_INCOMPLETE');
    expect(readdirSync(temporary.directory)).toHaveLength(1);
  });

  it.each(['ca.pem', 'ca.key'])('with a damaged %s is refused (PKI_CA_INVALID)', async (damaged) => {
    using temporary = await temporaryAuthority(now);
    writeFileSync(join(temporary.directory, damaged), '-----BEGIN NONSENSE-----');
    const result = await open(temporary.directory);
    expect(result).toMatchObject({ ok: false, error: { code: 'PKI_CA_INVALID' } });
    expect(result.ok ? '' : result.error.message).toContain(damaged);
  });

  it('with the key of another is refused (PKI_CA_MISMATCH)', async () => {
    using temporary = await temporaryAuthority(now);
    using other = await temporaryAuthority(now);
    copyFileSync(join(other.directory, 'ca.key'), join(temporary.directory, 'ca.key'));
    expect(await codeOf(open(temporary.directory))).toBe('PKI_CA_MISMATCH');
  });

  it('with a leaf instead of its certificate is refused (PKI_CA_INVALID)', async () => {
    using temporary = await temporaryAuthority(now);
    const issued = await temporary.authority.issueClientCertificate({
      csrPem: await makeCsr(),
      clientId: 'a',
      now,
    });
    writeFileSync(join(temporary.directory, 'ca.pem'), issued.ok ? issued.value.pem : '');
    expect(await codeOf(open(temporary.directory))).toBe('PKI_CA_INVALID');
  });

  it('that has expired is refused (PKI_CA_EXPIRED)', async () => {
    using temporary = await temporaryAuthority(now);
    expect(await codeOf(open(temporary.directory, now + 3_651 * day))).toBe('PKI_CA_EXPIRED');
  });

  it('that cannot be read is refused (PKI_CA_UNREADABLE)', async () => {
    using temporary = await temporaryAuthority(now);
    expect(await codeOf(open(join(temporary.directory, 'ca.pem')))).toBe('PKI_CA_UNREADABLE');
  });

  it('takes the rights of others on its key away', async () => {
    using temporary = await temporaryAuthority(now);
    chmodSync(join(temporary.directory, 'ca.key'), 0o644);
    expect(await codeOf(open(temporary.directory))).toBe('ok');
    expect(statSync(join(temporary.directory, 'ca.key')).mode & 0o777).toBe(0o600);
  });
});

// Making RSA keys takes long on a busy machine.
describe('a client certificate', { timeout: 60_000 }, () => {
  it.each(['p256', 'p384', 'ed25519', 'rsa3072'] as const)('is issued for %s', async (algorithm) => {
    using temporary = await temporaryAuthority(now);
    const csrPem = await makeCsr(algorithm);
    expect(await codeOf(temporary.authority.issueClientCertificate({ csrPem, clientId: 'alice', now }))).toBe(
      'ok',
    );
  });

  it('says who the server says it is, whatever the request says, and serves TLS clients only', async () => {
    using temporary = await temporaryAuthority(now);
    const csrPem = await makeCsr('p256', 'CN=root, O=Somebody else');
    const issued = await temporary.authority.issueClientCertificate({ csrPem, clientId: 'alice', now });
    if (!issued.ok) throw new Error(issued.error.message);
    const certificate = new X509Certificate(issued.value.pem);
    expect(certificate.subject).toBe('CN=alice');
    expect(certificate.ca).toBe(false);
    expect(certificate.subjectAltName).toBeUndefined();
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(temporary.authority.issued(certificate)).toBe(true);
    expect(certificate.checkIssued(new X509Certificate(temporary.authority.certificatePem))).toBe(true);
    expect(issued.value.sha256).toBe(certificate.fingerprint256.replaceAll(':', '').toLowerCase());
    expect(issued.value.serial).toBe(certificate.serialNumber.toLowerCase());
    expect(issued.value.serial).toMatch(/^[0-9a-f]{32}$/);
  });

  it('lasts a year, or as told, but not longer than the authority', async () => {
    using temporary = await temporaryAuthority(now);
    const csrPem = await makeCsr();
    const notAfter = async (at: number, validityMs?: number): Promise<number> => {
      const request = {
        csrPem,
        clientId: 'alice',
        now: at,
        ...(validityMs === undefined ? {} : { validityMs }),
      };
      const issued = await temporary.authority.issueClientCertificate(request);
      return issued.ok ? issued.value.notAfter : 0;
    };
    const seconds = (ms: number): number => Math.floor(ms / 1_000) * 1_000;
    expect(await notAfter(now)).toBe(seconds(now + 365 * day));
    expect(await notAfter(now, day)).toBe(seconds(now + day));
    expect(await notAfter(now + 3_600 * day)).toBe(temporary.authority.notAfter);
  });

  it.each(['p521', 'rsa2048'] as const)('is refused for %s (PKI_WEAK_KEY)', async (algorithm) => {
    using temporary = await temporaryAuthority(now);
    const csrPem = await makeCsr(algorithm);
    expect(await codeOf(temporary.authority.issueClientCertificate({ csrPem, clientId: 'alice', now }))).toBe(
      'PKI_WEAK_KEY',
    );
  });

  it('is refused for a request that its key did not sign (PKI_BAD_SIGNATURE)', async () => {
    using temporary = await temporaryAuthority(now);
    const lines = (await makeCsr()).split('\n');
    const der = Buffer.from(lines.slice(1, -1).join(''), 'base64');
    // A byte of the subject: parses as well as before.
    const position = der.indexOf('whatever');
    der.writeUInt8(der.readUInt8(position) ^ 1, position);
    const csrPem = [lines[0], der.toString('base64'), lines.at(-1)].join('\n');
    expect(await codeOf(temporary.authority.issueClientCertificate({ csrPem, clientId: 'alice', now }))).toBe(
      'PKI_BAD_SIGNATURE',
    );
  });

  it.each([
    ['nothing', ''],
    ['text', 'hello'],
    ['an empty block', '-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----'],
    ['noise', '-----BEGIN CERTIFICATE REQUEST-----\nAAECAwQFBgcICQ==\n-----END CERTIFICATE REQUEST-----'],
  ])('is refused for %s (PKI_BAD_CSR)', async (_what, csrPem) => {
    using temporary = await temporaryAuthority(now);
    expect(await codeOf(temporary.authority.issueClientCertificate({ csrPem, clientId: 'alice', now }))).toBe(
      'PKI_BAD_CSR',
    );
  });

  it('is refused for a certificate in place of a request (PKI_BAD_CSR)', async () => {
    using temporary = await temporaryAuthority(now);
    const csrPem = readFileSync(join(temporary.directory, 'ca.pem'), 'utf8').replaceAll(
      'CERTIFICATE',
      'CERTIFICATE REQUEST',
    );
    expect(await codeOf(temporary.authority.issueClientCertificate({ csrPem, clientId: 'alice', now }))).toBe(
      'PKI_BAD_CSR',
    );
  });
});
