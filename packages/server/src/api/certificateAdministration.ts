import { ok, type Result } from '@masque-vpn/protocol';
import { z } from 'zod';
import type { Actor } from '../audit/actor.js';
import type { ClientDirectory } from '../clients/directory.js';
import type { Revocation } from '../clients/revocation.js';
import type { CertificateImport } from '../enrolments/certificateImport.js';
import type { CertificateRecord, CertificateRepository } from '../store/certificates.js';
import type {
  CertificateListQuery,
  CertificateModel,
  ImportedCertificateModel,
} from './models/certificate.js';
import { namedClient } from './namedClient.js';
import { cutPage, parseCursor, type Page } from './page.js';
import type { ApiFailure } from './problem.js';

export interface CertificateAdministrationOptions {
  readonly repository: Pick<CertificateRepository, 'list' | 'find'>;
  readonly import: Pick<CertificateImport, 'import'>;
  readonly revocation: Pick<Revocation, 'revoke'>;
  readonly directory: Pick<ClientDirectory, 'findBySlug' | 'findByUuid'>;
  readonly clock: { now(): number };
}

const fingerprintKey = z.tuple([z.string().max(64)]);

/** Client certificates as the API shows and changes them. Every method throws `StoreError`. */
export class CertificateAdministration {
  readonly #options: CertificateAdministrationOptions;

  constructor(options: CertificateAdministrationOptions) {
    this.#options = options;
  }

  /** In order of fingerprint. Codes: API_REQUEST_INVALID, CLIENT_NOT_FOUND. */
  async list(query: CertificateListQuery): Promise<Result<Page<CertificateModel>, ApiFailure>> {
    const { repository, directory, clock } = this.#options;
    const after = parseCursor(query.cursor, fingerprintKey);
    if (!after.ok) return after;
    const client = namedClient(query.client, directory);
    if (!client.ok) return client;
    const found = await repository.list({
      ...client.value,
      ...(query.origin === undefined ? {} : { origin: query.origin }),
      ...(query.usable === 'true' ? { usableAt: clock.now() } : {}),
      ...(after.value === null ? {} : { after: after.value[0] }),
      limit: query.limit + 1,
    });
    return ok(
      cutPage(
        found,
        query.limit,
        ({ sha256 }) => [sha256],
        (record) => this.#model(record),
      ),
    );
  }

  /** Code: CERTIFICATE_NOT_FOUND. */
  async find(sha256: string): Promise<Result<CertificateModel, ApiFailure>> {
    const record = await this.#options.repository.find(sha256);
    if (record !== null) return ok(this.#model(record));
    const message = `no certificate has the fingerprint ${sha256}`;
    return { ok: false, error: { code: 'CERTIFICATE_NOT_FOUND', message } };
  }

  /** Codes: see `CertificateImport.import`. */
  async import(
    request: ImportedCertificateModel,
    actor: Actor,
  ): Promise<Result<CertificateModel, ApiFailure>> {
    const imported = await this.#options.import.import(
      request.client,
      'certificatePem' in request
        ? { kind: 'pem', pem: request.certificatePem }
        : { kind: 'fingerprint', sha256: request.sha256, notAfter: request.notAfterMs },
      actor,
    );
    return imported.ok ? ok(this.#model(imported.value)) : imported;
  }

  /** Code: CERTIFICATE_NOT_FOUND. */
  revoke(
    sha256: string,
    reason: string | null,
    actor: Actor,
  ): Promise<Result<{ readonly sessionsEnded: number }, ApiFailure>> {
    return this.#options.revocation.revoke(sha256, reason, actor);
  }

  #model(record: CertificateRecord): CertificateModel {
    return {
      sha256: record.sha256,
      client: this.#options.directory.findByUuid(record.clientUuid)?.slug ?? 'unknown',
      serial: record.serial,
      origin: record.origin,
      issuerSha256: record.issuerSha256,
      notBeforeMs: record.notBefore,
      notAfterMs: record.notAfter,
      createdAtMs: record.createdAt,
      revokedAtMs: record.revokedAt,
      revocationReason: record.revocationReason,
    };
  }
}
