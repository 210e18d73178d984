import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localActor } from '../audit/actor.js';
import { presentedBy } from '../front/testing/presented.js';
import { CertificateAuthority } from './authority.js';
import { generateKeys, privateKeyPem } from './keys.js';
import { readOwnCertificate } from './ownCertificate.js';
import type { PresentedCertificate } from './presentation.js';
import { ServerCredential } from './serverCredential.js';
import { TemporaryPki } from './testing/temporaryAuthorities.js';

const hour = 3_600_000;

describe('a server certificate that was brought along', () => {
  let directory: string;
  let authority: CertificateAuthority;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'masque-vpn-own-'));
    authority = await CertificateAuthority.make(Date.now());
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const files = () => ({ certificate: join(directory, 'cert.pem'), key: join(directory, 'key.pem') });

  function put(certificatePem: string, keyPem: string): void {
    writeFileSync(files().certificate, certificatePem);
    writeFileSync(files().key, keyPem);
  }

  async function bring(names = ['vpn.example.org', '192.0.2.1']): Promise<PresentedCertificate> {
    const presented = await presentedBy(authority, names);
    put(presented.fullChainPem, presented.keyPem);
    return presented;
  }

  async function read(publicHost = 'vpn.example.org', now = Date.now()) {
    return readOwnCertificate({ files: files(), publicHost, now });
  }

  async function codeOf(...given: Parameters<typeof read>): Promise<string> {
    const result = await read(...given);
    return result.ok ? 'ok' : result.error.code;
  }

  it('is used as it is, with its issuer as what clients trust', async () => {
    const { fullChainPem, notAfter } = await bring();
    const result = await read();
    expect(result).toMatchObject({
      ok: true,
      value: { chainPem: fullChainPem, notAfter, anchorSha256: authority.sha256, isPublic: false },
    });
    expect(result.ok && result.value.anchorPem).toBe(authority.certificatePem);
    expect(await codeOf('192.0.2.1')).toBe('ok');
  });

  it.each([
    ['PKI_OWN_WRONG_NAME', 'other.example.org'],
    ['PKI_OWN_WRONG_NAME', '192.0.2.2'],
    ['PKI_OWN_WRONG_NAME', 'example.org'],
  ])('is refused (%s) where clients are told %s', async (code, host) => {
    await bring();
    expect(await codeOf(host)).toBe(code);
  });

  it('is refused before its first and after its last day (PKI_OWN_EXPIRED)', async () => {
    const { notAfter } = await bring();
    expect(await codeOf(undefined, Date.now() - 2 * hour)).toBe('PKI_OWN_EXPIRED');
    expect(await codeOf(undefined, notAfter)).toBe('ok');
    expect(await codeOf(undefined, notAfter + 1_000)).toBe('PKI_OWN_EXPIRED');
  });

  it('is refused with the key of another (PKI_OWN_MISMATCH)', async () => {
    const { fullChainPem } = await bring();
    put(fullChainPem, privateKeyPem(generateKeys().privateKey));
    expect(await codeOf()).toBe('PKI_OWN_MISMATCH');
  });

  it('is refused where it is none, in part, or in the wrong order (PKI_OWN_INVALID)', async () => {
    const { chainPem, fullChainPem, keyPem } = await bring();
    const wrong: readonly (readonly [string, string])[] = [
      ['', keyPem],
      ['hello', keyPem],
      [chainPem.replace('MII', 'AAA'), keyPem],
      [authority.certificatePem + chainPem, keyPem],
      [authority.certificatePem, keyPem],
      [fullChainPem, 'hello'],
      // Of a private authority that clients could not know.
      [chainPem, keyPem],
    ];
    for (const [certificatePem, key] of wrong) {
      put(certificatePem, key);
      expect(await codeOf()).toBe('PKI_OWN_INVALID');
    }
  });

  it('is refused when it cannot be read (PKI_OWN_UNREADABLE)', async () => {
    await bring();
    rmSync(files().key);
    expect(await codeOf()).toBe('PKI_OWN_UNREADABLE');
  });

  describe('in use', () => {
    let pki: TemporaryPki;
    let passed: number;
    beforeEach(async () => {
      passed = 0;
      pki = await TemporaryPki.open();
    });
    afterEach(() => pki[Symbol.asyncDispose]());

    async function open(
      own: boolean,
      { acme = false, ownEverywhere = true } = {},
    ): Promise<ServerCredential> {
      const authorities = await pki.started(Date.now());
      const opened = await ServerCredential.open({
        ...{ authorities, directory: pki.directory, own: own ? files() : null, acme, ownEverywhere },
        publicHost: 'vpn.example.org',
        names: ['vpn.example.org'],
        clock: { now: () => Date.now() + passed },
        logger: pino({ level: 'silent' }),
      });
      if (!opened.ok) throw new Error(opened.error.message);
      return opened.value;
    }

    it('is known to clients by its issuer, and so are our own authorities', async () => {
      await bring();
      using credential = await open(true);
      expect(credential.source).toBe('own');
      expect(credential.linkTrust).toEqual({ sha256: [authority.sha256], system: false });
      expect(credential.trust.anchorsPem).toContain(authority.certificatePem);
      expect(credential.trust.anchorsPem.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    });

    it('is swapped when it is replaced, and kept when what replaces it is of no use', async () => {
      await bring();
      using credential = await open(true);
      const seen: PresentedCertificate[] = [];
      using _ = credential.tunnel.subscribe((certificate) => seen.push(certificate));
      expect(await credential.refresh()).toEqual({ ok: true, value: false });
      put('half a fi', 'le');
      expect(await credential.refresh()).toMatchObject({ ok: false, error: { code: 'PKI_OWN_INVALID' } });
      expect(seen).toEqual([]);
      const next = await bring();
      expect(await credential.refresh()).toEqual({ ok: true, value: true });
      expect(seen.map(({ keyPem }) => keyPem)).toEqual([next.keyPem]);
      expect(credential.tunnel.certificate.fullChainPem).toBe(next.fullChainPem);
    });

    it('that is to come by ACME is our authority’s until it is there, and again when it has expired', async () => {
      using credential = await open(true, { acme: true });
      expect(credential.source).toBe('authority');
      // Who enrols now, or uses a link later, may meet the other one.
      const authorities = (await pki.started(Date.now())).live.map(({ sha256 }) => sha256);
      expect(credential.linkTrust).toEqual({ sha256: authorities, system: true });
      expect(credential.trust.system).toBe(true);
      const { fullChainPem } = await bring();
      expect(await credential.refresh()).toEqual({ ok: true, value: true });
      expect(credential.source).toBe('acme');
      expect(credential.tunnel.certificate.fullChainPem).toBe(fullChainPem);
      expect(credential.linkTrust).toEqual({ sha256: [...authorities, authority.sha256], system: false });
      passed = 25 * hour;
      expect(await credential.refresh()).toEqual({ ok: true, value: true });
      expect(credential.source).toBe('authority');
      expect(await credential.refresh()).toEqual({ ok: true, value: false });
    });

    it('is for browsers only unless it is wanted everywhere: clients know our authority, and nobody else', async () => {
      const { fullChainPem } = await bring();
      const authorities = await pki.started(Date.now());
      using credential = await open(true, { ownEverywhere: false });
      const ours = credential.tunnel.certificate;
      expect(credential.source).toBe('own');
      expect(credential.administration.certificate.fullChainPem).toBe(fullChainPem);
      expect(ours.fullChainPem.endsWith(authorities.serving.certificatePem)).toBe(true);
      expect(credential.linkTrust).toEqual({ sha256: [authorities.serving.sha256], system: false });
      expect(credential.trust).toEqual({ anchorsPem: authorities.anchorsPem, system: false });
      expect(credential.notAfter).toBe(credential.administration.certificate.notAfter);

      const swapped: PresentedCertificate[] = [];
      using _ = credential.tunnel.subscribe((certificate) => swapped.push(certificate));
      const next = await bring();
      expect(await credential.refresh()).toEqual({ ok: true, value: true });
      expect(credential.administration.certificate.fullChainPem).toBe(next.fullChainPem);
      expect(swapped).toEqual([]);
    });

    it('of our own authority is renewed for tunnels while the one that was brought is of no use', async () => {
      await bring();
      using credential = await open(true, { ownEverywhere: false });
      const { keyPem } = credential.tunnel.certificate;
      const shown = credential.administration.certificate;
      put('half a fi', 'le');
      passed = 61 * 24 * hour;
      expect(await credential.refresh()).toMatchObject({ ok: false, error: { code: 'PKI_OWN_INVALID' } });
      expect(credential.tunnel.certificate.keyPem).not.toBe(keyPem);
      expect(credential.administration.certificate).toEqual(shown);
    });

    it('of our own authority changes with the authority that certifies servers', async () => {
      const authorities = await pki.started(Date.now());
      using credential = await open(false);
      const { serving } = authorities;
      expect(credential.source).toBe('authority');
      expect(credential.linkTrust).toEqual({ sha256: [serving.sha256], system: false });
      expect(credential.tunnel.certificate.fullChainPem.endsWith(serving.certificatePem)).toBe(true);
    });

    it('of our own authority is made anew by the new one when a rollover ends', async () => {
      const authorities = await pki.started(Date.now() - 2 * hour);
      const opened = await ServerCredential.open({
        ...{ authorities, directory: pki.directory, own: null, acme: false, ownEverywhere: false },
        publicHost: 'vpn.example.org',
        names: ['vpn.example.org'],
        clock: { now: () => Date.now() },
        logger: pino({ level: 'silent' }),
      });
      if (!opened.ok) throw new Error(opened.error.message);
      using credential = opened.value;
      const swapped: PresentedCertificate[] = [];
      using _ = credential.tunnel.subscribe((certificate) => swapped.push(certificate));
      await authorities.rollOver(localActor, Date.now() - hour);
      await credential.refresh();
      expect(swapped).toEqual([]);
      expect(credential.linkTrust.sha256).toEqual(authorities.live.map(({ sha256 }) => sha256));
      expect(credential.trust.anchorsPem).toBe(authorities.anchorsPem);
      await authorities.settle(Date.now());
      await credential.refresh();
      expect(swapped).toHaveLength(1);
      expect(credential.tunnel.certificate.fullChainPem.endsWith(authorities.issuing.certificatePem)).toBe(
        true,
      );
      expect(credential.linkTrust.sha256).toEqual([authorities.issuing.sha256]);
    });
  });
});
