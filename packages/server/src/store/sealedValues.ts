import type { Kysely } from 'kysely';
import type { Database } from './schema.js';

/** A text of the database that only the master key opens. */
export interface SealedValue {
  readonly kind: 'secondFactor' | 'webhook';
  readonly uuid: string;
  readonly sealed: string;
}

/** Everything sealed that outlives a restart, to be sealed anew; authorities are beside it. */
export class SealedValues {
  readonly #database: Kysely<Database>;

  constructor(database: Kysely<Database>) {
    this.#database = database;
  }

  async list(): Promise<readonly SealedValue[]> {
    const people = await this.#database
      .selectFrom('administrators')
      .select(['uuid', 'totp_secret'])
      .execute();
    const webhooks = await this.#database.selectFrom('webhooks').select(['uuid', 'secret']).execute();
    return [
      ...people.flatMap(({ uuid, totp_secret: sealed }) =>
        sealed === null ? [] : [{ kind: 'secondFactor' as const, uuid, sealed }],
      ),
      ...webhooks.map(({ uuid, secret: sealed }) => ({ kind: 'webhook' as const, uuid, sealed })),
    ];
  }

  async replace({ kind, uuid }: SealedValue, sealed: string): Promise<void> {
    const database = this.#database;
    if (kind === 'webhook') {
      await database.updateTable('webhooks').set({ secret: sealed }).where('uuid', '=', uuid).execute();
    } else {
      await database
        .updateTable('administrators')
        .set({ totp_secret: sealed })
        .where('uuid', '=', uuid)
        .execute();
    }
  }

  async replaceAuthorityKey(sha256: string, encryptedKeyPem: string): Promise<void> {
    await this.#database
      .updateTable('authorities')
      .set({ encrypted_key_pem: encryptedKeyPem })
      .where('sha256', '=', sha256)
      .execute();
  }

  /** Log-ins at a provider that are under way, answers that may be asked for again: nobody misses them. */
  async forgetShortLived(): Promise<void> {
    await this.#database.deleteFrom('logins').where('kind', '=', 'oidc').execute();
    await this.#database.deleteFrom('idempotency_keys').execute();
  }
}
