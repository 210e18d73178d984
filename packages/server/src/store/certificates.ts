import type { Kysely, Selectable } from 'kysely';
import type { CertificateTable, Database } from './schema.js';

/** Where a certificate comes from: our authority, or somebody else's, let in by its fingerprint. */
export const certificateOrigins = ['issued', 'imported'] as const;
export type CertificateOrigin = (typeof certificateOrigins)[number];

/** A client certificate that this server lets in. */
export interface CertificateRecord {
  /** SHA-256 of the DER, lower-case hex: what the engine reports of a peer. */
  readonly sha256: string;
  readonly clientUuid: string;
  /** Lower-case hex. */
  readonly serial: string;
  /** UTC milliseconds, as the three below. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly createdAt: number;
  readonly revokedAt: number | null;
  readonly revocationReason: string | null;
  readonly origin: CertificateOrigin;
  /** Fingerprint of our authority that issued it; null: imported, or issued before this was recorded. */
  readonly issuerSha256: string | null;
}

/** A certificate that nobody has revoked yet. */
export type NewCertificate = Pick<
  CertificateRecord,
  'sha256' | 'clientUuid' | 'serial' | 'notBefore' | 'notAfter' | 'createdAt'
> &
  Partial<Pick<CertificateRecord, 'origin' | 'issuerSha256'>>;

/** Which certificates; what is absent does not matter. */
export interface CertificateQuery {
  readonly clientUuid?: string;
  readonly origin?: CertificateOrigin;
  /** Issued by this authority; null: those of which nobody recorded who issued them. */
  readonly issuerSha256?: string | null;
  /** Those that are neither revoked nor expired at this time, UTC milliseconds. */
  readonly usableAt?: number;
  /** Fingerprint of the last of the page before. */
  readonly after?: string;
  /** Default: 100. */
  readonly limit?: number;
}

/** Client certificates by fingerprint. */
export class CertificateRepository {
  readonly #database: Kysely<Database>;

  constructor(database: Kysely<Database>) {
    this.#database = database;
  }

  /** Records a certificate, issued unless said otherwise; the client must exist. False when it is known already. */
  async insert(certificate: NewCertificate): Promise<boolean> {
    const result = await this.#database
      .insertInto('certificates')
      .values({
        sha256: certificate.sha256,
        client_uuid: certificate.clientUuid,
        serial: certificate.serial,
        not_before: certificate.notBefore,
        not_after: certificate.notAfter,
        created_at: Math.trunc(certificate.createdAt),
        revoked_at: null,
        revocation_reason: null,
        origin: certificate.origin ?? 'issued',
        issuer_sha256: certificate.issuerSha256 ?? null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
  }

  async find(sha256: string): Promise<CertificateRecord | null> {
    const row = await this.#database
      .selectFrom('certificates')
      .selectAll()
      .where('sha256', '=', sha256)
      .executeTakeFirst();
    return row === undefined ? null : toCertificateRecord(row);
  }

  /** In order of fingerprint. */
  async list(query: CertificateQuery = {}): Promise<readonly CertificateRecord[]> {
    let select = this.#database
      .selectFrom('certificates')
      .selectAll()
      .where('sha256', '>', query.after ?? '');
    if (query.clientUuid !== undefined) select = select.where('client_uuid', '=', query.clientUuid);
    if (query.origin !== undefined) select = select.where('origin', '=', query.origin);
    if (query.issuerSha256 === null) {
      select = select.where('origin', '=', 'issued').where('issuer_sha256', 'is', null);
    } else if (query.issuerSha256 !== undefined) {
      select = select.where('issuer_sha256', '=', query.issuerSha256);
    }
    if (query.usableAt !== undefined) {
      select = select.where('revoked_at', 'is', null).where('not_after', '>=', Math.trunc(query.usableAt));
    }
    const rows = await select
      .orderBy('sha256')
      .limit(query.limit ?? 100)
      .execute();
    return rows.map(toCertificateRecord);
  }

  /** True when it was not revoked before. */
  async revoke(sha256: string, now: number, reason: string | null = null): Promise<boolean> {
    const result = await this.#database
      .updateTable('certificates')
      .set({ revoked_at: Math.trunc(now), revocation_reason: reason })
      .where('sha256', '=', sha256)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    return result.numUpdatedRows > 0n;
  }

  /**
   * How many certificates that are usable at `now` the authority issued, and when the last of them expires (UTC
   * milliseconds, 0: none). `orUnknown`: those of which nobody recorded who issued them count as well.
   */
  async dependents(
    issuerSha256: string,
    now: number,
    orUnknown: boolean,
  ): Promise<{ readonly certificates: number; readonly lastExpiry: number }> {
    const row = await this.#database
      .selectFrom('certificates')
      .select(({ fn }) => [fn.countAll().as('certificates'), fn.max('not_after').as('last')])
      .where('origin', '=', 'issued')
      .where('revoked_at', 'is', null)
      .where('not_after', '>=', Math.trunc(now))
      .where((expression) =>
        expression.or([
          expression('issuer_sha256', '=', issuerSha256),
          ...(orUnknown ? [expression('issuer_sha256', 'is', null)] : []),
        ]),
      )
      .executeTakeFirst();
    return { certificates: Number(row?.certificates ?? 0), lastExpiry: row?.last ?? 0 };
  }

  /** Forgets certificates that expired before this time; returns how many. */
  async prune(expiredBefore: number): Promise<number> {
    const result = await this.#database
      .deleteFrom('certificates')
      .where('not_after', '<', Math.trunc(expiredBefore))
      .executeTakeFirst();
    return Number(result.numDeletedRows);
  }
}

function toCertificateRecord(row: Selectable<CertificateTable>): CertificateRecord {
  return {
    sha256: row.sha256,
    clientUuid: row.client_uuid,
    serial: row.serial,
    notBefore: row.not_before,
    notAfter: row.not_after,
    createdAt: row.created_at,
    revokedAt: row.revoked_at,
    revocationReason: row.revocation_reason,
    origin: certificateOrigins.find((origin) => origin === row.origin) ?? 'issued',
    issuerSha256: row.issuer_sha256,
  };
}
