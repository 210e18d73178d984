import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CertificateAuthority } from './authority.js';
import { keyOfCsr, MOST_CSR_CHARACTERS } from './csr.js';
import { makeCsr } from './testing/csr.js';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  type Extension,
  type JsonName,
} from './x509.js';

async function codeOf(csrPem: string): Promise<string> {
  const key = await keyOfCsr(csrPem, 'alice');
  return key.ok ? 'ok' : key.error.code;
}

// Making RSA keys takes long on a busy machine.
describe('a signing request', { timeout: 60_000 }, () => {
  it.each(['p256', 'p384', 'ed25519', 'rsa3072'] as const)(
    'with a key of kind %s is accepted',
    async (kind) => {
      expect(await codeOf(await makeCsr(kind))).toBe('ok');
    },
  );

  it.each(['p521', 'rsa2048'] as const)('with a key of kind %s is refused (PKI_WEAK_KEY)', async (kind) => {
    expect(await codeOf(await makeCsr(kind))).toBe('PKI_WEAK_KEY');
  });

  it('with a key on a curve nobody uses in TLS is refused (PKI_WEAK_KEY)', async () => {
    expect(
      await codeOf(await csrOfOpenssl(['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp256k1'])),
    ).toBe('PKI_WEAK_KEY');
    expect(await codeOf(await csrOfOpenssl(['-newkey', 'ed448']))).toBe('PKI_WEAK_KEY');
    expect(await codeOf(await csrOfOpenssl(['-newkey', 'rsa:1024']))).toBe('PKI_WEAK_KEY');
  });

  it.each(['alice\u0000', 'alice\u001b[2J', 'ali\nce'])(
    'for a name with control characters is refused, and the refusal shows none: %j',
    async (name) => {
      const key = await keyOfCsr(await makeCsr('p256', { name: [{ CN: [name] }] }), 'alice');
      expect(key).toMatchObject({ ok: false, error: { code: 'PKI_FOREIGN_NAMES' } });
      expect(key.ok ? '' : key.error.message).not.toMatch(/\p{Cc}/u);
    },
  );

  it('as openssl makes it is accepted', async () => {
    const made = await csrOfOpenssl(['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']);
    expect(await codeOf(made)).toBe('ok');
  });

  it('that its key did not sign is refused (PKI_BAD_SIGNATURE)', async () => {
    expect(await codeOf(await changedAfterSigning(await makeCsr()))).toBe('PKI_BAD_SIGNATURE');
  });

  it.each<[string, JsonName, boolean]>([
    ['no name', [], true],
    ['the client’s id', [{ CN: ['alice'] }], true],
    ['the name of those who do not know their id', [{ CN: ['masque-vpn'] }], true],
    ['another client’s id', [{ CN: ['bob'] }], false],
    ['the client’s id in other letters', [{ CN: ['Alice'] }], false],
    ['an organisation', [{ CN: ['alice'] }, { O: ['Example'] }], false],
    ['two names', [{ CN: ['alice'] }, { CN: ['bob'] }], false],
    ['a name with line feeds', [{ CN: ['alice\nbob'] }], false],
  ])('with %s: accepted or refused (PKI_FOREIGN_NAMES)', async (_what, name, accepted) => {
    expect(await codeOf(await makeCsr('p256', { name }))).toBe(accepted ? 'ok' : 'PKI_FOREIGN_NAMES');
  });

  it('for a server’s name is refused (PKI_FOREIGN_NAMES)', async () => {
    const extensions = [new SubjectAlternativeNameExtension([{ type: 'dns', value: 'vpn.example.org' }])];
    const key = await keyOfCsr(await makeCsr('p256', { extensions }), 'alice');
    expect(key).toMatchObject({ ok: false, error: { code: 'PKI_FOREIGN_NAMES' } });
    expect(key.ok ? '' : key.error.message).toContain('dns:vpn.example.org');
  });

  it.each<[string, Extension, boolean]>([
    ['to be no authority', new BasicConstraintsExtension(false), true],
    ['to be a TLS client', new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]), true],
    ['to sign', new KeyUsagesExtension(KeyUsageFlags.digitalSignature), true],
    ['to be an authority', new BasicConstraintsExtension(true, 2, true), false],
    ['to be a TLS server', new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]), false],
  ])('that asks %s: accepted or refused (PKI_FOREIGN_EXTENSIONS)', async (_what, extension, accepted) => {
    const csrPem = await makeCsr('p256', { extensions: [extension] });
    expect(await codeOf(csrPem)).toBe(accepted ? 'ok' : 'PKI_FOREIGN_EXTENSIONS');
  });

  it.each([
    ['nothing', ''],
    ['text', 'hello'],
    ['an empty block', '-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----'],
    ['noise', '-----BEGIN CERTIFICATE REQUEST-----\nAAECAwQFBgcICQ==\n-----END CERTIFICATE REQUEST-----'],
  ])('that is %s is refused (PKI_BAD_CSR)', async (_what, csrPem) => {
    expect(await codeOf(csrPem)).toBe('PKI_BAD_CSR');
  });

  it('that is a certificate, comes twice or is endless is refused (PKI_BAD_CSR)', async () => {
    const { certificatePem } = await CertificateAuthority.make(0);
    expect(await codeOf(certificatePem.replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST'))).toBe('PKI_BAD_CSR');
    const csrPem = await makeCsr();
    expect(await codeOf(`${csrPem}\n${csrPem}`)).toBe('PKI_BAD_CSR');
    expect(await codeOf(csrPem + ' '.repeat(MOST_CSR_CHARACTERS))).toBe('PKI_BAD_CSR');
  });

  it('is judged without an exception wherever it is damaged', async () => {
    const der = Buffer.from((await makeCsr()).split('\n').slice(1, -1).join(''), 'base64');
    await fc.assert(
      fc.asyncProperty(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const damaged = Buffer.from(der);
        damaged.writeUInt8(damaged.readUInt8(at) ^ mask, at);
        // Behind what is signed there are the algorithm's name and the signature.
        const isSigned = at >= 4 && at < 4 + der.readUInt8(3) + 2;
        expect(await codeOf(pemOf(damaged))).toMatch(isSigned ? /^PKI_/ : /^(?:ok|PKI_)/);
        expect(await codeOf(pemOf(der.subarray(0, at)))).toBe('PKI_BAD_CSR');
      }),
      { numRuns: 200 },
    );
  });

  it('with any one byte set to 1 is refused or accepted, and never an exception', async () => {
    const der = Buffer.from((await makeCsr()).split('\n').slice(1, -1).join(''), 'base64');
    for (let position = 0; position < der.length; position += 1) {
      const damaged = Buffer.from(der);
      damaged.writeUInt8(1, position);
      expect(await codeOf(pemOf(damaged))).toMatch(/^(ok|PKI_[A-Z_]+)$/);
    }
  });
});

async function changedAfterSigning(csrPem: string): Promise<string> {
  const der = Buffer.from(csrPem.split('\n').slice(1, -1).join(''), 'base64');
  // A byte of the subject: parses as well as before.
  const position = der.indexOf('masque-vpn');
  der.writeUInt8(der.readUInt8(position) ^ 1, position);
  return pemOf(der);
}

function pemOf(der: Buffer): string {
  return `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----`;
}

async function csrOfOpenssl(key: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'masque-vpn-csr-'));
  try {
    const out = join(folder, 'csr.pem');
    const files = ['-keyout', join(folder, 'key.pem'), '-out', out];
    await promisify(execFile)('openssl', ['req', '-new', '-nodes', '-subj', '/CN=alice', ...key, ...files]);
    return await readFile(out, 'utf8');
  } finally {
    await rm(folder, { recursive: true });
  }
}
