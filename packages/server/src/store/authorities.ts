import type { Kysely, Selectable } from 'kysely';
import type { AuthorityTable, Database } from './schema.js';

/** A certificate authority as stored. */
export interface AuthorityRecord {
  /** Of the certificate's DER, lower-case hex. */
  readonly sha256: string;
  readonly certificatePem: string;
  /** PKCS #8 PEM, encrypted; null once it was retired. */
  readonly encryptedKeyPem: string | null;
  /** UTC milliseconds, as the one below. */
  readonly createdAt: number;
  /** Since when nobody trusts it any more. */
  readonly retiredAt: number | null;
}

/** The certificate authorities of this database. */
export class AuthorityRepository {
  readonly #database: Kysely<Database>;

  constructor(database: Kysely<Database>) {
    this.#database = database;
  }

  async insert(authority: Omit<AuthorityRecord, 'retiredAt'>): Promise<void> {
    await this.#database
      .insertInto('authorities')
      .values({
        sha256: authority.sha256,
        certificate_pem: authority.certificatePem,
        encrypted_key_pem: authority.encryptedKeyPem,
        created_at: Math.trunc(authority.createdAt),
        retired_at: null,
      })
      .execute();
  }

  /** Those that were not retired, the oldest first. */
  async live(): Promise<readonly AuthorityRecord[]> {
    const rows = await this.#database
      .selectFrom('authorities')
      .selectAll()
      .where('retired_at', 'is', null)
      .orderBy('created_at')
      .orderBy('sha256')
      .execute();
    return rows.map(toAuthorityRecord);
  }

  /** Every one there ever was, the newest first. */
  async list(): Promise<readonly AuthorityRecord[]> {
    const rows = await this.#database
      .selectFrom('authorities')
      .selectAll()
      .orderBy('created_at', 'desc')
      .orderBy('sha256')
      .execute();
    return rows.map(toAuthorityRecord);
  }

  /** Retires an authority and destroys its key; false when it was not live. */
  async retire(sha256: string, now: number): Promise<boolean> {
    const result = await this.#database
      .updateTable('authorities')
      .set({ retired_at: Math.trunc(now), encrypted_key_pem: null })
      .where('sha256', '=', sha256)
      .where('retired_at', 'is', null)
      .executeTakeFirst();
    return result.numUpdatedRows > 0n;
  }
}

function toAuthorityRecord(row: Selectable<AuthorityTable>): AuthorityRecord {
  return {
    sha256: row.sha256,
    certificatePem: row.certificate_pem,
    encryptedKeyPem: row.encrypted_key_pem,
    createdAt: row.created_at,
    retiredAt: row.retired_at,
  };
}
