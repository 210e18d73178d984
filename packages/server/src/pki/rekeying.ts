import type { Kysely } from 'kysely';
import { AuthorityRepository } from '../store/authorities.js';
import type { Database } from '../store/schema.js';
import { SealedValues } from '../store/sealedValues.js';
import { SettingRepository } from '../store/settings.js';
import { wrongMasterKey } from './authorityFiles.js';
import type { MasterKey } from './masterKey.js';
import type { PkiResult } from './pkiError.js';
import { openSealer, replaceSealer } from './sealing.js';

/** What was encrypted anew. */
export interface Rekeyed {
  readonly authorities: number;
  /** Secrets of second factors and of webhooks. */
  readonly secrets: number;
}

/**
 * Encrypts everything in the database with another master key. Null: it was already, nothing is changed. Codes:
 * PKI_MASTER_KEY_WRONG, PKI_SEAL_BROKEN: `from` is not the key it was encrypted with; then the transaction has to be
 * rolled back.
 *
 * @param database a transaction
 */
export async function rekey(
  database: Kysely<Database>,
  from: MasterKey,
  to: MasterKey,
): Promise<PkiResult<Rekeyed | null>> {
  const values = new SealedValues(database);
  const settings = new SettingRepository(database);
  const live = await new AuthorityRepository(database).live();
  const keys = live.map(({ sha256, encryptedKeyPem }) => ({ sha256, pem: encryptedKeyPem ?? '' }));
  if (keys.length > 0 && keys.every(({ pem }) => to.decrypt(pem) !== null)) return { ok: true, value: null };
  for (const { sha256, pem } of keys) {
    const key = from.decrypt(pem);
    if (key === null) return wrongMasterKey(from);
    await values.replaceAuthorityKey(sha256, await to.encrypt(key));
  }
  const before = await openSealer(from, { settings });
  if (!before.ok) return before;
  const after = await replaceSealer(to, settings);
  const sealed = await values.list();
  for (const value of sealed) {
    const opened = before.value.open(value.sealed);
    if (!opened.ok) return opened;
    await values.replace(value, after.seal(opened.value));
  }
  await values.forgetShortLived();
  return { ok: true, value: { authorities: keys.length, secrets: sealed.length } };
}
