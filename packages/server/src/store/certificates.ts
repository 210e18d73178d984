import type { Kysely, Selectable } from 'kysely';
import type { CertificateTable, Database } from './schema.js';

/** A certificate this server issued. */
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
}

/** Issued certificates by fingerprint. */
export class CertificateRepository {
  readonly #database: Kysely<Database>;

  constructor(database: Kysely<Database>) {
    this.#database = database;
  }

  /** Records a certificate; the client must exist. */
  async insert(certificate: Omit<CertificateRecord, 'revokedAt'>): Promise<void> {
    await this.#database
      .insertInto('certificates')
      .values({
        sha256: certificate.sha256,
        client_uuid: certificate.clientUuid,
        serial: certificate.serial,
        not_before: certificate.notBefore,
        not_after: certificate.notAfter,
        created_at: Math.trunc(certificate.createdAt),
        revoked_at: null,
      })
      .execute();
  }

  /** In order of fingerprint, 100 by default. `after` is the fingerprint of the last of the page before. */
  async list(
    page: { readonly after?: string; readonly limit?: number } = {},
  ): Promise<readonly CertificateRecord[]> {
    const rows = await this.#database
      .selectFrom('certificates')
      .selectAll()
      .where('sha256', '>', page.after ?? '')
      .orderBy('sha256')
      .limit(page.limit ?? 100)
      .execute();
    return rows.map(toCertificateRecord);
  }

  /** True when it was not revoked before. */
  async revoke(sha256: string, now: number): Promise<boolean> {
    const result = await this.#database
      .updateTable('certificates')
      .set({ revoked_at: Math.trunc(now) })
      .where('sha256', '=', sha256)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    return result.numUpdatedRows > 0n;
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
  };
}
