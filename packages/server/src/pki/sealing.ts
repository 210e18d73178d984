import { randomBytes } from 'node:crypto';
import type { Store } from '../store/store.js';
import type { MasterKey } from './masterKey.js';
import type { PkiResult } from './pkiError.js';
import type { Sealer } from './sealer.js';

/** Where the database keeps the salt, and a text that only the right key opens. */
const saltSetting = 'pki.sealer_salt';
const proofSetting = 'pki.sealer_proof';

/** The sealer of this database. Code: PKI_SEAL_BROKEN when another master key sealed its secrets. Throws `StoreError`. */
export async function openSealer(
  masterKey: MasterKey,
  { settings }: Pick<Store, 'settings'>,
): Promise<PkiResult<Sealer>> {
  const salt = await settings.establish(saltSetting, randomBytes(16).toString('base64url'));
  const sealer = await masterKey.sealer(Buffer.from(salt, 'base64url'));
  const opened = sealer.open(await settings.establish(proofSetting, sealer.seal(saltSetting)));
  return opened.ok ? { ok: true, value: sealer } : opened;
}

/** Has the sealer of another master key from now on; returns it. What the old one sealed is to be sealed anew. */
export async function replaceSealer(
  masterKey: MasterKey,
  settings: Pick<Store['settings'], 'set'>,
): Promise<Sealer> {
  const salt = randomBytes(16).toString('base64url');
  const sealer = await masterKey.sealer(Buffer.from(salt, 'base64url'));
  await settings.set(saltSetting, salt);
  await settings.set(proofSetting, sealer.seal(saltSetting));
  return sealer;
}
