import { X509Certificate } from 'node:crypto';
import { ok, type Result } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import type { Actor } from '../audit/actor.js';
import { clientNotFound } from '../clients/clientFailure.js';
import type { ClientDirectory } from '../clients/directory.js';
import { parseCertificate } from '../pki/authority.js';
import { sha256Hex } from '../pki/fingerprint.js';
import type { ImportedCertificates } from '../pki/importedCertificates.js';
import { weakness } from '../pki/keys.js';
import { pemBlocks } from '../pki/pem.js';
import { attempt } from '../store/attempt.js';
import type { CertificateRecord } from '../store/certificates.js';
import type { Store } from '../store/store.js';
import { enrolmentFailed, type CredentialFailure } from './enrolmentFailure.js';

export interface CertificateImportOptions {
  readonly store: Pick<Store, 'atomically'>;
  readonly directory: Pick<ClientDirectory, 'findBySlug' | 'putCertificate'>;
  readonly imported: Pick<ImportedCertificates, 'reload'>;
  readonly clock: { now(): number };
  readonly logger: Logger;
}

/** A client certificate of somebody else's authority: all of it, or its fingerprint and how long it is trusted. */
export type ForeignCertificate =
  | { readonly kind: 'pem'; readonly pem: string }
  | {
      readonly kind: 'fingerprint';
      /** Of the DER, lower-case hex. */
      readonly sha256: string;
      /** UTC milliseconds. */
      readonly notAfter: number;
    };

type Content = Pick<CertificateRecord, 'sha256' | 'serial' | 'notBefore' | 'notAfter'>;

/** Lets clients in with certificates that they have already. */
export class CertificateImport {
  readonly #options: CertificateImportOptions;

  constructor(options: CertificateImportOptions) {
    this.#options = options;
  }

  /**
   * Trusts this certificate, and no other of its authority, to be the client's. Codes: CLIENT_NOT_FOUND,
   * CERTIFICATE_INVALID, CERTIFICATE_EXISTS, PKI_WEAK_KEY. Throws `StoreError`.
   */
  async import(
    slug: string,
    foreign: ForeignCertificate,
    actor: Actor,
  ): Promise<Result<CertificateRecord, CredentialFailure>> {
    const { store, directory, imported, clock, logger } = this.#options;
    const now = Math.trunc(clock.now());
    const client = directory.findBySlug(slug);
    if (client === null) return clientNotFound(slug);
    const content = contentOf(foreign, now);
    if (!content.ok) return content;
    const { sha256 } = content.value;
    const record: CertificateRecord = {
      ...content.value,
      ...{ clientUuid: client.uuid, createdAt: now, origin: 'imported' },
      ...{ issuerSha256: null, revokedAt: null, revocationReason: null },
    };
    const inserted = await attempt<CertificateRecord, CredentialFailure>(store, async (repositories) => {
      if ((await repositories.clients.findByUuid(client.uuid)) === null) return clientNotFound(slug);
      if (!(await repositories.certificates.insert(record))) {
        return enrolmentFailed('CERTIFICATE_EXISTS', `The certificate ${sha256} is known already.`);
      }
      await repositories.audit.insert({
        ...{ actor, now, action: 'certificate.import', targetKind: 'client', target: slug },
        detail: { certificateSha256: sha256, notAfterMs: record.notAfter },
      });
      await repositories.changes.publish({ kind: 'client', id: client.uuid });
      await repositories.changes.publish({ kind: 'certificate', id: sha256 });
      return ok(record);
    });
    if (!inserted.ok) return inserted;
    directory.putCertificate(record);
    await imported.reload();
    logger.info({ clientId: slug, certificateSha256: sha256 }, 'certificate imported');
    return inserted;
  }
}

function contentOf(foreign: ForeignCertificate, now: number): Result<Content, CredentialFailure> {
  if (foreign.kind === 'fingerprint') {
    const { sha256, notAfter } = foreign;
    if (notAfter <= now) return enrolmentFailed('CERTIFICATE_INVALID', 'That time is over already.');
    return ok({ sha256, serial: '', notBefore: now, notAfter });
  }
  const [pem, ...others] = pemBlocks(foreign.pem, 'CERTIFICATE');
  const certificate = pem === undefined || others.length > 0 ? null : parseCertificate(pem);
  if (certificate === null) {
    return enrolmentFailed('CERTIFICATE_INVALID', 'This is not exactly one PEM block "CERTIFICATE".');
  }
  if (certificate.ca) {
    return enrolmentFailed(
      'CERTIFICATE_INVALID',
      'This is the certificate of an authority, not of a client.',
    );
  }
  const weak = weakness(new Uint8Array(certificate.publicKey.export({ type: 'spki', format: 'der' })));
  if (weak !== null) return enrolmentFailed('PKI_WEAK_KEY', `The key is not accepted: ${weak}.`);
  return validContent(certificate, now);
}

function validContent(certificate: X509Certificate, now: number): Result<Content, CredentialFailure> {
  const notAfter = Date.parse(certificate.validTo);
  if (now >= notAfter) {
    return enrolmentFailed('CERTIFICATE_INVALID', `The certificate expired on ${certificate.validTo}.`);
  }
  return ok({
    sha256: sha256Hex(certificate.raw),
    serial: certificate.serialNumber.toLowerCase(),
    notBefore: Date.parse(certificate.validFrom),
    notAfter,
  });
}
