import { createSecretKey, hkdfSync, randomBytes, type KeyObject } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { decryptPrivateKey, deriveKey, encryptPrivateKey } from './encryptedKey.js';
import { pkiFailure, type PkiResult } from './pkiError.js';
import { makePrivate, readIfPresent, systemCode, writeAtomically } from './privateFile.js';
import { createSealer, type Sealer } from './sealer.js';

/** The environment variable that holds the master key. */
export const MASTER_KEY_VARIABLE = 'MASQUE_VPN_MASTER_KEY';
/** Its name among the credentials of systemd (`LoadCredential=master-key:FILE`). */
const credentialName = 'master-key';

/** Fewer characters could be guessed. */
const fewestCharacters = 16;

/** Where a master key came from. */
export type MasterKeySource = 'environment' | 'credential' | 'configured' | 'stateFolder';

export interface MasterKeyOptions {
  /** `pki.key_file`; null: not configured. */
  readonly file: string | null;
  /** The state folder: where it is looked for last, and where a new one is written. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Nothing was encrypted yet: without a key one is made. */
  readonly mayMake: boolean;
  readonly logger: Logger;
}

/**
 * The one secret that is not in the database: what it encrypts there, keys of authorities and secrets that must be
 * read again, is of no use without it. Any text of at least 16 characters; only its first line counts.
 */
export class MasterKey {
  readonly source: MasterKeySource;
  /** Null for the environment. */
  readonly file: string | null;
  /** Whether it was made just now. */
  readonly isNew: boolean;
  // Private, so that no log shows it.
  readonly #text: string;

  constructor(text: string, from: { source: MasterKeySource; file: string | null; isNew?: boolean }) {
    this.#text = text;
    this.source = from.source;
    this.file = from.file;
    this.isNew = from.isNew ?? false;
  }

  /** PKCS #8 PEM, encrypted. */
  encrypt(key: KeyObject): Promise<string> {
    return encryptPrivateKey(key, this.#text);
  }

  /** Null when this is another master key than the one it was encrypted with. */
  decrypt(encryptedPem: string): KeyObject | null {
    return decryptPrivateKey(encryptedPem, this.#text);
  }

  /**
   * Seals what goes into the database.
   *
   * @param salt random, the same at every start
   */
  async sealer(salt: Uint8Array): Promise<Sealer> {
    const derived = await deriveKey(this.#text, salt, 32);
    return createSealer(
      createSecretKey(Buffer.from(hkdfSync('sha256', derived, '', 'masque-vpn sealer', 32))),
    );
  }
}

/**
 * Finds the master key: in the environment variable MASQUE_VPN_MASTER_KEY, among systemd's credentials, in the
 * configured file, in `master.key` of the state folder, in this order; or makes one there.
 * Codes: PKI_MASTER_KEY_MISSING, PKI_MASTER_KEY_UNREADABLE, PKI_MASTER_KEY_WEAK, PKI_UNWRITABLE.
 */
export async function findMasterKey(options: MasterKeyOptions): Promise<PkiResult<MasterKey>> {
  const variable = options.environment[MASTER_KEY_VARIABLE];
  if (variable !== undefined && variable !== '') {
    return checked(variable, { source: 'environment', file: null });
  }
  const credentials = options.environment['CREDENTIALS_DIRECTORY'];
  const own = join(options.directory, 'master.key');
  const places: readonly (readonly [MasterKeySource, string | null])[] = [
    [
      'credential',
      credentials === undefined || credentials === '' ? null : join(credentials, credentialName),
    ],
    ['configured', options.file],
    ['stateFolder', options.file === null ? own : null],
  ];
  for (const [source, file] of places) {
    if (file === null) continue;
    const read = await readKey(file, source, options);
    if (!read.ok || read.value !== null) return read.ok ? checked(read.value ?? '', { source, file }) : read;
  }
  return options.mayMake ? make(options.file ?? own, options) : missing(options.file ?? own);
}

/** The master key in one file. Codes: PKI_MASTER_KEY_UNREADABLE, also where there is none, PKI_MASTER_KEY_WEAK. */
export async function masterKeyOfFile(file: string, logger: Logger): Promise<PkiResult<MasterKey>> {
  const read = await readKey(file, 'configured', { logger });
  if (!read.ok) return read;
  if (read.value !== null) return checked(read.value, { source: 'configured', file });
  return pkiFailure('PKI_MASTER_KEY_UNREADABLE', `There is no file ${file}.`);
}

async function readKey(
  file: string,
  source: MasterKeySource,
  { logger }: Pick<MasterKeyOptions, 'logger'>,
): Promise<PkiResult<string | null>> {
  try {
    const text = await readIfPresent(file);
    if (text !== null && source === 'stateFolder' && (await makePrivate(file))) {
      logger.warn({ file }, 'others could read the master key; now only its owner can');
    }
    if (text !== null && source === 'configured' && ((await stat(file)).mode & 0o007) !== 0) {
      logger.warn({ file }, 'everybody on this machine can read the master key: chmod o= it');
    }
    return { ok: true, value: text };
  } catch (error) {
    const message = `Cannot read the master key ${file} (${systemCode(error)}). Check that the server’s user may read it.`;
    return pkiFailure('PKI_MASTER_KEY_UNREADABLE', message);
  }
}

function checked(
  text: string,
  from: { readonly source: MasterKeySource; readonly file: string | null },
): PkiResult<MasterKey> {
  const line = (text.split(/\r?\n/, 1)[0] ?? '').trim();
  if (line.length >= fewestCharacters) return { ok: true, value: new MasterKey(line, from) };
  const message = `The master key in ${from.file ?? MASTER_KEY_VARIABLE} has ${line.length} characters; it needs ${fewestCharacters}, better: openssl rand -base64 32.`;
  return pkiFailure('PKI_MASTER_KEY_WEAK', message);
}

async function make(file: string, { logger }: MasterKeyOptions): Promise<PkiResult<MasterKey>> {
  const text = randomBytes(32).toString('base64url');
  try {
    await writeAtomically(file, `${text}\n`, 0o600);
  } catch (error) {
    const message = `Cannot write a new master key to ${file} (${systemCode(error)}). Check that the folder is writable and the disk not full.`;
    return pkiFailure('PKI_UNWRITABLE', message);
  }
  logger.info({ file }, 'master key made');
  return { ok: true, value: new MasterKey(text, { source: 'stateFolder', file, isNew: true }) };
}

function missing(file: string): ReturnType<typeof pkiFailure> {
  const message =
    `The authority’s key is encrypted, and there is no master key to open it: not in $${MASTER_KEY_VARIABLE}, not in ${file}. ` +
    'Put back the key file of this server, or name it in pki.key_file.';
  return pkiFailure('PKI_MASTER_KEY_MISSING', message);
}
