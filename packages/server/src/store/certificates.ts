import type { Kysely, Selectable } from 'kysely';
import { toClientRecord, type ClientRecord } from './clients.js';
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

/** Whose certificate it is. */
export interface CertificateHolder {
  readonly certificate: CertificateRecord;
  readonly client: ClientRecord;
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

  /** Who presents this certificate; null for one we never issued or whose client was deleted. */
  async findHolder(sha256: string): Promise<CertificateHolder | null> {
    const row = await this.#database
      .selectFrom('certificates')
      .innerJoin('clients', 'clients.uuid', 'certificates.client_uuid')
      .selectAll('certificates')
      .select([
        'clients.uuid',
        'clients.slug',
        'clients.display_name',
        'clients.enabled',
        'clients.expires_at',
        'clients.created_at as client_created_at',
      ])
      .where('certificates.sha256', '=', sha256)
      .executeTakeFirst();
    if (row === undefined) return null;
    return {
      certificate: toCertificateRecord(row),
      client: toClientRecord({ ...row, created_at: row.client_created_at }),
    };
  }

  /** Newest first. */
  async listByClient(clientUuid: string): Promise<readonly CertificateRecord[]> {
    const rows = await this.#database
      .selectFrom('certificates')
      .selectAll()
      .where('client_uuid', '=', clientUuid)
      .orderBy('created_at', 'desc')
      .orderBy('sha256')
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
