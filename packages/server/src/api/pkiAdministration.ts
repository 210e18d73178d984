import { ok, type Result } from '@masque-vpn/protocol';
import { X509Certificate } from 'node:crypto';
import type { Actor } from '../audit/actor.js';
import type { Revocation } from '../clients/revocation.js';
import type { Authorities } from '../pki/authorities.js';
import { sha256Hex } from '../pki/fingerprint.js';
import type { MasterKeySource } from '../pki/masterKey.js';
import type { ServerCredential } from '../pki/serverCredential.js';
import type { AuthorityRecord, AuthorityRepository } from '../store/authorities.js';
import type { CertificateRecord, CertificateRepository } from '../store/certificates.js';
import type { AuthorityModel, PkiModel } from './models/pki.js';
import type { ApiFailure } from './problem.js';

export interface PkiAdministrationOptions {
  readonly authorities: Authorities;
  readonly credential: Pick<ServerCredential, 'administration' | 'trust' | 'source'>;
  readonly masterKeySource: MasterKeySource;
  readonly repository: Pick<AuthorityRepository, 'list'>;
  readonly certificates: Pick<CertificateRepository, 'list'>;
  readonly revocation: Pick<Revocation, 'revoke'>;
  readonly clock: { now(): number };
}

/** Certificates of one step of a retirement. */
const atOnce = 200;

/** Authorities and the server's certificate as the API shows and changes them. Every method throws `StoreError`. */
export class PkiAdministration {
  readonly #options: PkiAdministrationOptions;

  constructor(options: PkiAdministrationOptions) {
    this.#options = options;
  }

  async show(): Promise<PkiModel> {
    const { credential, masterKeySource, repository } = this.#options;
    const records = await repository.list();
    const { administration, trust, source } = credential;
    const presented = administration.certificate;
    return {
      authorities: await Promise.all(records.map((record) => this.#model(record))),
      anchorsPem: trust.anchorsPem,
      systemRoots: trust.system,
      serverCertificate: {
        source,
        sha256: sha256Hex(new X509Certificate(presented.chainPem).raw),
        notAfterMs: presented.notAfter,
      },
      masterKey: { source: masterKeySource },
    };
  }

  /** Begins a rollover. Code: PKI_ROLLOVER_UNDER_WAY. */
  async rollOver(actor: Actor): Promise<Result<PkiModel, ApiFailure>> {
    const { authorities, clock } = this.#options;
    const begun = await authorities.rollOver(actor, Math.trunc(clock.now()));
    return begun.ok ? ok(await this.show()) : begun;
  }

  /**
   * Retires the old authority of a rollover at once, with all certificates of it that are still usable. Codes:
   * PKI_AUTHORITY_UNKNOWN, PKI_AUTHORITY_ISSUING.
   */
  async retire(
    sha256: string,
    actor: Actor,
  ): Promise<Result<{ certificatesRevoked: number; sessionsEnded: number }, ApiFailure>> {
    const { authorities, revocation, clock } = this.#options;
    const isOldest = authorities.serving.sha256 === sha256;
    const retired = await authorities.retire(sha256, actor, Math.trunc(clock.now()));
    if (!retired.ok) return retired;
    let certificatesRevoked = 0;
    let sessionsEnded = 0;
    for await (const certificate of this.#usableOf(isOldest ? [sha256, null] : [sha256])) {
      const revoked = await revocation.revoke(certificate.sha256, 'its authority was retired', actor);
      if (!revoked.ok) continue;
      certificatesRevoked += 1;
      sessionsEnded += revoked.value.sessionsEnded;
    }
    return ok({ certificatesRevoked, sessionsEnded });
  }

  async *#usableOf(issuers: readonly (string | null)[]): AsyncGenerator<CertificateRecord> {
    const { certificates, clock } = this.#options;
    for (const issuerSha256 of issuers) {
      const query = { issuerSha256, usableAt: clock.now(), limit: atOnce };
      let page = await certificates.list(query);
      for (let last = page.at(-1); last !== undefined; last = page.at(-1)) {
        yield* page;
        page = await certificates.list({ ...query, after: last.sha256 });
      }
    }
  }

  async #model(record: AuthorityRecord): Promise<AuthorityModel> {
    const { authorities, clock } = this.#options;
    const { sha256, certificatePem, createdAt, retiredAt } = record;
    const now = Math.trunc(clock.now());
    const dependents = retiredAt === null ? await authorities.dependents({ sha256 }, now) : null;
    return {
      sha256,
      certificatePem,
      createdAtMs: createdAt,
      notAfterMs: Date.parse(new X509Certificate(certificatePem).validTo),
      retiredAtMs: retiredAt,
      issuing: authorities.issuing.sha256 === sha256,
      serving: authorities.serving.sha256 === sha256,
      dependents:
        dependents === null
          ? null
          : {
              certificates: dependents.certificates,
              lastExpiryMs: dependents.certificates === 0 ? null : dependents.lastExpiry,
              enrolments: dependents.enrolments,
            },
    };
  }
}
