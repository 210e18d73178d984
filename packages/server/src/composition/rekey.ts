import { existsSync } from 'node:fs';
import { chown, readFile, stat } from 'node:fs/promises';
import { fail, ok, type Result } from '@masque-vpn/protocol';
import { systemActor } from '../audit/actor.js';
import { findMasterKey, masterKeyOfFile, type MasterKey } from '../pki/masterKey.js';
import { systemCode, writeAtomically } from '../pki/privateFile.js';
import { rekey, type Rekeyed } from '../pki/rekeying.js';
import type { PkiError } from '../pki/pkiError.js';
import { createLogger, type LogTarget } from '../process/logging.js';
import { AuditRepository } from '../store/audit.js';
import { openIdle } from '../store/backup/maintenance.js';
import { migrate } from '../store/migrations.js';
import type { StoreLocation } from '../store/store.js';
import { StoreError } from '../store/storeError.js';
import { readConfig } from './backup.js';
import type { ServerError } from './foundation.js';
import { storeLocation } from './storeLocation.js';

/** Which server, as on the command line of `masque-vpn server`, and its new master key. */
export interface RekeyOptions {
  readonly configFile?: string;
  readonly stateDir?: string;
  readonly runtimeDir?: string;
  /** File whose first line is the new key. */
  readonly newKeyFile: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where warnings go. */
  readonly logTarget: LogTarget;
  /** UTC milliseconds. */
  readonly now: number;
}

/** What was done. */
export interface RekeyReport {
  /** Null: the database was encrypted with the new key already. */
  readonly rekeyed: Rekeyed | null;
  /** The file that has the new key now; null: the old one did not come from a file that can be replaced. */
  readonly keyFile: string | null;
  /** A copy of the old key, for backups from before; null as above. */
  readonly oldKeyFile: string | null;
}

/**
 * Encrypts everything in a server's database with another master key, in one transaction, and puts that key where the
 * old one was, which stays beside it. No server may use the database. After a crash it can be done again. Codes:
 * CONFIG_…, STORE_…, PKI_….
 */
export async function rekeyServer(options: RekeyOptions): Promise<Result<RekeyReport, ServerError>> {
  const config = readConfig(options);
  if (!config.ok) return config;
  const { stateDir: directory } = config.value.server;
  const logger = createLogger({ ...config.value.log, target: options.logTarget });
  const { environment, newKeyFile } = options;
  const file = config.value.pki.keyFile;
  const from = await findMasterKey({ file, directory, environment, mayMake: false, logger });
  if (!from.ok) return from;
  const to = await masterKeyOfFile(newKeyFile, logger);
  if (!to.ok) return to;
  const replaced = from.value.source === 'credential' ? null : from.value.file;
  try {
    const oldKeyFile = replaced === null ? null : `${replaced}.old`;
    const rekeyed = await rekeyDatabase(storeLocation(config.value), {
      ...{ from: from.value, to: to.value, now: options.now },
      // Before the database needs the other one: the old key stays, and the folder turns out to be writable.
      beforeCommit: async () => {
        if (replaced !== null) await writeLike(replaced, `${replaced}.old`, await readFile(replaced, 'utf8'));
      },
    });
    if (!rekeyed.ok) return rekeyed;
    if (replaced !== null) await writeLike(replaced, replaced, await readFile(newKeyFile, 'utf8'));
    return ok({ rekeyed: rekeyed.value, keyFile: replaced, oldKeyFile });
  } catch (error) {
    if (error instanceof StoreError) return fail({ code: error.code, message: error.message });
    if (systemCode(error) === 'UNKNOWN') throw error;
    const message = `Cannot replace the master key ${replaced ?? ''} (${systemCode(error)}). Both keys are still there: do it again when the folder can be written.`;
    return fail({ code: 'PKI_UNWRITABLE', message });
  }
}

/** Rolls the transaction back. */
class Refused extends Error {
  readonly failure: PkiError;

  constructor(failure: PkiError) {
    super(failure.message);
    this.failure = failure;
  }
}

interface Exchange {
  readonly from: MasterKey;
  readonly to: MasterKey;
  /** UTC milliseconds. */
  readonly now: number;
  readonly beforeCommit: () => Promise<void>;
}

async function rekeyDatabase(
  location: StoreLocation,
  { from, to, now, beforeCommit }: Exchange,
): Promise<Result<Rekeyed | null, ServerError>> {
  if (location.kind === 'sqlite' && !existsSync(location.file)) {
    throw new StoreError('STORE_UNAVAILABLE', `there is no database ${location.file}`);
  }
  await using opened = await openIdle(location, false, now);
  await migrate(opened.database, now, opened.lock);
  try {
    return await opened.database.transaction().execute(async (transaction) => {
      await opened.lock(transaction);
      const rekeyed = await rekey(transaction, from, to);
      if (!rekeyed.ok) throw new Refused(rekeyed.error);
      if (rekeyed.value !== null) {
        const what = { actor: systemActor, action: 'server.rekey', targetKind: 'server', target: 'server' };
        await new AuditRepository(transaction).insert({ ...what, detail: { ...rekeyed.value }, now });
        await beforeCommit();
      }
      return ok(rekeyed.value);
    });
  } catch (error) {
    if (error instanceof Refused) return fail(error.failure);
    throw error;
  }
}

/** The server's user has to be able to read it, whoever we are. */
async function writeLike(model: string, file: string, text: string): Promise<void> {
  const { uid, gid, mode } = await stat(model);
  await writeAtomically(file, text, mode & 0o770);
  await chown(file, uid, gid);
}
