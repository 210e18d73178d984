import type { Kysely, Selectable } from 'kysely';
import type { Database, EnrolmentTable } from './schema.js';
import { uuidV7 } from './uuid.js';

/** A link that is redeemed once for a certificate. */
export interface EnrolmentRecord {
  /** UUIDv7. */
  readonly uuid: string;
  readonly clientUuid: string;
  /** Name of the actor. */
  readonly createdBy: string;
  /** UTC milliseconds, as the others. */
  readonly createdAt: number;
  /** The first millisecond in which it is of no use. */
  readonly expiresAt: number;
  readonly redeemedAt: number | null;
  /** IP address; null while it was not redeemed. */
  readonly redeemedFrom: string | null;
  /** What it was redeemed for. */
  readonly certificateSha256: string | null;
  /** SHA-256 of the key that was certified (SubjectPublicKeyInfo, DER). */
  readonly keySha256: string | null;
  readonly revokedAt: number | null;
}

export interface NewEnrolment {
  readonly clientUuid: string;
  /** SHA-256 of the secret, lower-case hex: the secret itself is not stored. */
  readonly secretSha256: string;
  readonly createdBy: string;
  readonly now: number;
  readonly expiresAt: number;
}

export interface RedemptionRecord {
  readonly certificateSha256: string;
  readonly keySha256: string;
  /** IP address. */
  readonly from: string;
  readonly now: number;
}

/** Which enrolments; what is absent does not matter. */
export interface EnrolmentQuery {
  readonly clientUuid?: string;
  /** Those that could be redeemed at this time, UTC milliseconds. */
  readonly openAt?: number;
  /** The uuid of the last of the page before. */
  readonly before?: string;
  /** Default: 100. */
  readonly limit?: number;
}

/** Enrolment links by their secret's SHA-256. */
export class EnrolmentRepository {
  readonly #database: Kysely<Database>;

  constructor(database: Kysely<Database>) {
    this.#database = database;
  }

  /** The client must exist. */
  async create(enrolment: NewEnrolment): Promise<EnrolmentRecord> {
    const row = {
      uuid: uuidV7(enrolment.now),
      secret_sha256: enrolment.secretSha256,
      client_uuid: enrolment.clientUuid,
      created_by: enrolment.createdBy,
      created_at: Math.trunc(enrolment.now),
      expires_at: Math.trunc(enrolment.expiresAt),
      redeemed_at: null,
      redeemed_from: null,
      certificate_sha256: null,
      key_sha256: null,
      revoked_at: null,
    };
    await this.#database.insertInto('enrolments').values(row).execute();
    return toEnrolmentRecord(row);
  }

  async find(uuid: string): Promise<EnrolmentRecord | null> {
    return this.#find('uuid', uuid);
  }

  async findBySecret(secretSha256: string): Promise<EnrolmentRecord | null> {
    return this.#find('secret_sha256', secretSha256);
  }

  /** Newest first. */
  async list(query: EnrolmentQuery = {}): Promise<readonly EnrolmentRecord[]> {
    let select = this.#database.selectFrom('enrolments').selectAll();
    if (query.clientUuid !== undefined) select = select.where('client_uuid', '=', query.clientUuid);
    if (query.openAt !== undefined) {
      select = select
        .where('redeemed_at', 'is', null)
        .where('revoked_at', 'is', null)
        .where('expires_at', '>', Math.trunc(query.openAt));
    }
    if (query.before !== undefined) select = select.where('uuid', '<', query.before);
    const rows = await select
      .orderBy('uuid', 'desc')
      .limit(query.limit ?? 100)
      .execute();
    return rows.map(toEnrolmentRecord);
  }

  /**
   * Redeems an open enrolment; of several at once only one succeeds. Afterwards the owner of the same key may do it
   * again until `repeatableSince` is reached by the first redemption. Null: it was redeemed, revoked or expired.
   */
  async redeem(
    uuid: string,
    redemption: RedemptionRecord,
    repeatableSince: number,
  ): Promise<EnrolmentRecord | null> {
    const now = Math.trunc(redemption.now);
    const row = await this.#database
      .updateTable('enrolments')
      .set((expression) => ({
        redeemed_at: expression.fn.coalesce('redeemed_at', expression.val(now)),
        redeemed_from: redemption.from,
        certificate_sha256: redemption.certificateSha256,
        key_sha256: redemption.keySha256,
      }))
      .where('uuid', '=', uuid)
      .where('revoked_at', 'is', null)
      .where((expression) =>
        expression.or([
          expression.and([expression('redeemed_at', 'is', null), expression('expires_at', '>', now)]),
          expression.and([
            expression('key_sha256', '=', redemption.keySha256),
            expression('redeemed_at', '>', Math.trunc(repeatableSince)),
          ]),
        ]),
      )
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? null : toEnrolmentRecord(row);
  }

  /** True when it was neither revoked nor redeemed before. */
  async revoke(uuid: string, now: number): Promise<boolean> {
    const result = await this.#database
      .updateTable('enrolments')
      .set({ revoked_at: Math.trunc(now) })
      .where('uuid', '=', uuid)
      .where('revoked_at', 'is', null)
      .where('redeemed_at', 'is', null)
      .executeTakeFirst();
    return result.numUpdatedRows > 0n;
  }

  /** How many that could be redeemed at `now` were made before this time. */
  async countOpen(now: number, createdBefore: number): Promise<number> {
    const row = await this.#database
      .selectFrom('enrolments')
      .select(({ fn }) => fn.countAll().as('open'))
      .where('redeemed_at', 'is', null)
      .where('revoked_at', 'is', null)
      .where('expires_at', '>', Math.trunc(now))
      .where('created_at', '<', Math.trunc(createdBefore))
      .executeTakeFirst();
    return Number(row?.open ?? 0);
  }

  /** Forgets those that were of no use any more at this time; the audit log remembers. Returns how many. */
  async prune(before: number): Promise<number> {
    const result = await this.#database
      .deleteFrom('enrolments')
      .where('expires_at', '<', Math.trunc(before))
      .executeTakeFirst();
    return Number(result.numDeletedRows);
  }

  async #find(column: 'uuid' | 'secret_sha256', value: string): Promise<EnrolmentRecord | null> {
    const row = await this.#database
      .selectFrom('enrolments')
      .selectAll()
      .where(column, '=', value)
      .executeTakeFirst();
    return row === undefined ? null : toEnrolmentRecord(row);
  }
}

function toEnrolmentRecord(row: Selectable<EnrolmentTable>): EnrolmentRecord {
  return {
    uuid: row.uuid,
    clientUuid: row.client_uuid,
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    redeemedAt: row.redeemed_at,
    redeemedFrom: row.redeemed_from,
    certificateSha256: row.certificate_sha256,
    keySha256: row.key_sha256,
    revokedAt: row.revoked_at,
  };
}
