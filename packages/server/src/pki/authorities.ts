import type { Logger } from 'pino';
import { systemActor, type Actor } from '../audit/actor.js';
import type { AuthorityRecord } from '../store/authorities.js';
import type { Store } from '../store/store.js';
import { CertificateAuthority, type ClientCertificate, type ClientCertificateRequest } from './authority.js';
import {
  authoritiesOfFiles,
  needsMasterKey,
  readAuthorityFiles,
  wrongMasterKey,
  writeAuthorityFiles,
} from './authorityFiles.js';
import type { MasterKey } from './masterKey.js';
import { pkiFailure, type PkiResult } from './pkiError.js';

/** Where the database says which authority was the first: of several servers that start at once, one makes it. */
const firstAuthority = 'pki.first_authority';

/** What other servers hear: `{ kind: 'settings', id: authoritiesChange }`. */
export const authoritiesChange = 'authorities';

/** Before this time after a rollover nothing is retired by itself, milliseconds: other servers have to hear of it. */
const shortestOverlapMs = 3_600_000;

export type AuthorityStore = Pick<
  Store,
  'authorities' | 'certificates' | 'enrolments' | 'settings' | 'atomically'
>;

export interface AuthoritiesOptions {
  readonly store: AuthorityStore;
  /** The state folder, where `ca.pem` and `ca.key` are. */
  readonly directory: string;
  /** Finds the master key, or makes one where nothing was encrypted yet. */
  readonly findMasterKey: (mayMake: boolean) => Promise<PkiResult<MasterKey>>;
  /** How long client certificates are valid, milliseconds. */
  readonly clientValidityMs: number;
  /** UTC milliseconds. */
  readonly now: number;
  readonly logger: Logger;
}

/** What keeps an authority from being retired. */
export interface Dependents {
  /** Client certificates of it that are still usable. */
  readonly certificates: number;
  /** When the last of them expires, UTC milliseconds; 0: there are none. */
  readonly lastExpiry: number;
  /** Enrolment links that were handed out before its successor was made. */
  readonly enrolments: number;
}

/**
 * Opens the authorities of the database; where it has none, those of `ca.pem` and `ca.key`, else a new one. Their keys
 * are in the database, encrypted with the master key; `ca.pem` and `ca.key` become a copy. Codes: PKI_CA_UNREADABLE,
 * PKI_CA_INCOMPLETE, PKI_CA_INVALID, PKI_CA_MISMATCH, PKI_CA_EXPIRED, PKI_UNWRITABLE and those of `findMasterKey`.
 * Throws `StoreError`.
 */
export async function openAuthorities(
  options: AuthoritiesOptions,
): Promise<PkiResult<{ readonly authorities: Authorities; readonly masterKey: MasterKey }>> {
  const { store, now } = options;
  const records = await store.authorities.live();
  const opened = records.length > 0 ? await openExisting(records, options) : await openFirst(options);
  if (!opened.ok) return opened;
  const { masterKey, live } = opened.value;
  const newest = live.at(-1);
  if (newest !== undefined && now > newest.notAfter) {
    const on = new Date(newest.notAfter).toISOString();
    const message = `The certificate authority expired on ${on}. Check the machine's clock; or see docs/pki.md for a new beginning.`;
    return pkiFailure('PKI_CA_EXPIRED', message);
  }
  const authorities = new Authorities({ ...options, masterKey }, live);
  const written = await authorities.writeFiles();
  return written.ok ? { ok: true, value: { authorities, masterKey } } : written;
}

interface Opened {
  readonly masterKey: MasterKey;
  /** The oldest first; at least one. */
  readonly live: readonly CertificateAuthority[];
}

async function openExisting(
  records: readonly AuthorityRecord[],
  { findMasterKey }: AuthoritiesOptions,
): Promise<PkiResult<Opened>> {
  const masterKey = await findMasterKey(false);
  if (!masterKey.ok) return masterKey;
  const live = decrypted(records, masterKey.value);
  return live === null
    ? wrongMasterKey(masterKey.value)
    : { ok: true, value: { masterKey: masterKey.value, live } };
}

/** The database knows no authority: takes over what older versions, or a lost database, left in files. */
async function openFirst(options: AuthoritiesOptions): Promise<PkiResult<Opened>> {
  const { store, directory, findMasterKey, now, logger } = options;
  const files = await readAuthorityFiles(directory, logger);
  if (!files.ok) return files;
  const masterKey = await findMasterKey(files.value === null || !needsMasterKey(files.value));
  if (!masterKey.ok) return masterKey;
  const found =
    files.value === null
      ? { ok: true as const, value: [await CertificateAuthority.make(now)] }
      : authoritiesOfFiles(files.value, masterKey.value, directory);
  if (!found.ok) return found;
  const live = found.value.toSorted((a, b) => a.madeAt - b.madeAt);
  const records = await Promise.all(live.map((each) => recordOf(each, masterKey.value)));
  const isFirst = await store.atomically(async (repositories) => {
    const mine = records[0]?.sha256 ?? '';
    if ((await repositories.settings.establish(firstAuthority, mine)) !== mine) return false;
    for (const record of records) {
      await repositories.authorities.insert(record);
      await repositories.audit.insert({
        ...{ actor: systemActor, now, targetKind: 'authority', target: record.sha256 },
        action: files.value === null ? 'authority.create' : 'authority.import',
      });
    }
    return true;
  });
  if (!isFirst) return openExisting(await store.authorities.live(), options);
  const sha256 = live.map((each) => each.sha256);
  logger.info(
    { sha256 },
    files.value === null ? 'certificate authority made' : 'certificate authority taken over',
  );
  return { ok: true, value: { masterKey: masterKey.value, live } };
}

/**
 * The certificate authorities that clients and servers trust: one, or during a rollover two. The newest certifies
 * clients; the oldest certifies the servers, because every client knows it, until it is retired.
 */
export class Authorities {
  readonly #options: AuthoritiesOptions & { readonly masterKey: MasterKey };
  readonly #listeners = new Set<() => void>();
  #live: readonly CertificateAuthority[];

  /** @param live the oldest first; at least one */
  constructor(
    options: AuthoritiesOptions & { readonly masterKey: MasterKey },
    live: readonly CertificateAuthority[],
  ) {
    this.#options = options;
    this.#live = live;
  }

  /** The oldest first. */
  get live(): readonly CertificateAuthority[] {
    return this.#live;
  }

  /** Certifies clients. */
  get issuing(): CertificateAuthority {
    return this.#at(-1);
  }

  /** Certifies servers. */
  get serving(): CertificateAuthority {
    return this.#at(0);
  }

  /** The certificates of all of them, PEM, that of `issuing` first. */
  get anchorsPem(): string {
    return this.#newestFirst()
      .map(({ certificatePem }) => certificatePem)
      .join('');
  }

  /** Certifies the key of a signing request for a client, for as long as configured; codes as those of one authority. */
  issueClientCertificate(
    request: Omit<ClientCertificateRequest, 'validityMs'>,
  ): Promise<PkiResult<ClientCertificate>> {
    const { clientValidityMs: validityMs } = this.#options;
    return this.issuing.issueClientCertificate({ ...request, validityMs });
  }

  /** Calls back after every change until disposed. */
  subscribe(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /**
   * Begins a rollover: a new authority certifies clients from now on, the old one is trusted until nobody depends on
   * it. Code: PKI_ROLLOVER_UNDER_WAY. Throws `StoreError`.
   *
   * @param now UTC milliseconds
   */
  async rollOver(actor: Actor, now: number): Promise<PkiResult<CertificateAuthority>> {
    const { store, masterKey, logger } = this.#options;
    // The order of time tells which is the newer.
    const made = await CertificateAuthority.make(Math.max(now, this.issuing.madeAt + 1));
    const record = await recordOf(made, masterKey);
    const done = await store.atomically(async (repositories) => {
      const live = await repositories.authorities.live();
      if (live.length !== 1) return false;
      await repositories.authorities.insert(record);
      await repositories.audit.insert({
        ...{ actor, now, action: 'authority.rollover', targetKind: 'authority', target: made.sha256 },
        detail: { replaces: live[0]?.sha256 ?? null },
      });
      await repositories.changes.publish({ kind: 'settings', id: authoritiesChange });
      return true;
    });
    if (!done) {
      const message =
        'A rollover is under way: the old authority is retired when nobody depends on it any more.';
      return pkiFailure('PKI_ROLLOVER_UNDER_WAY', message);
    }
    logger.info({ sha256: made.sha256 }, 'rollover of the certificate authority begun');
    await this.#changed([...this.#live, made]);
    return { ok: true, value: made };
  }

  /**
   * Stops trusting an authority at once and destroys its key. Codes: PKI_AUTHORITY_UNKNOWN, PKI_AUTHORITY_ISSUING for
   * the newest. Throws `StoreError`.
   */
  async retire(sha256: string, actor: Actor, now: number): Promise<PkiResult<CertificateAuthority>> {
    const retired = this.#live.find((authority) => authority.sha256 === sha256);
    if (retired === undefined) {
      return pkiFailure('PKI_AUTHORITY_UNKNOWN', `No authority in use has the fingerprint ${sha256}.`);
    }
    if (retired === this.issuing) {
      const message =
        'This authority certifies the clients. Begin a rollover first: masque-vpn admin ca rollover.';
      return pkiFailure('PKI_AUTHORITY_ISSUING', message);
    }
    const { store, logger } = this.#options;
    await store.atomically(async (repositories) => {
      await repositories.authorities.retire(sha256, now);
      await repositories.audit.insert({
        ...{ actor, now, action: 'authority.retire', targetKind: 'authority', target: sha256 },
      });
      await repositories.changes.publish({ kind: 'settings', id: authoritiesChange });
    });
    logger.info({ sha256 }, 'certificate authority retired');
    await this.#changed(this.#live.filter((authority) => authority !== retired));
    return { ok: true, value: retired };
  }

  /** What the authority with this fingerprint is still needed for. Throws `StoreError`. */
  async dependents({ sha256 }: Pick<CertificateAuthority, 'sha256'>, now: number): Promise<Dependents> {
    const { store } = this.#options;
    const isOldest = this.serving.sha256 === sha256;
    const certificates = await store.certificates.dependents(sha256, now, isOldest);
    const isIssuing = this.issuing.sha256 === sha256;
    const until = isIssuing ? now + 1 : this.issuing.madeAt;
    return { ...certificates, enrolments: await store.enrolments.countOpen(now, until) };
  }

  /** Retires the old authority of a rollover once nobody depends on it; true if it did. Throws `StoreError`. */
  async settle(now: number): Promise<boolean> {
    const { serving, issuing } = this;
    if (serving === issuing || now < issuing.madeAt + shortestOverlapMs) return false;
    const { certificates, enrolments } = await this.dependents(serving, now);
    if (certificates > 0 || enrolments > 0) return false;
    return (await this.retire(serving.sha256, systemActor, now)).ok;
  }

  /** After another server changed them. Code: PKI_MASTER_KEY_WRONG. Throws `StoreError`. */
  async reload(): Promise<PkiResult<void>> {
    const { store, masterKey } = this.#options;
    const records = await store.authorities.live();
    const live = decrypted(records, masterKey);
    if (live === null || live.length === 0) return wrongMasterKey(masterKey);
    const same = live.map(({ sha256 }) => sha256).join() === this.#live.map(({ sha256 }) => sha256).join();
    if (!same) await this.#changed(live);
    return { ok: true, value: undefined };
  }

  /** Brings `ca.pem` and `ca.key` up to date: a copy of what the database has. Code: PKI_UNWRITABLE. */
  async writeFiles(): Promise<PkiResult<void>> {
    const { store, directory } = this.#options;
    const records = await store.authorities.live();
    const keys = records.toReversed().map(({ encryptedKeyPem }) => encryptedKeyPem ?? '');
    const certificates = records.toReversed().map(({ certificatePem }) => certificatePem);
    return writeAuthorityFiles(directory, {
      certificatesPem: certificates.join(''),
      keysPem: keys.join(''),
    });
  }

  async #changed(live: readonly CertificateAuthority[]): Promise<void> {
    this.#live = live;
    const written = await this.writeFiles();
    if (!written.ok) this.#options.logger.error({ err: written.error }, 'ca.pem and ca.key are out of date');
    for (const listener of this.#listeners) listener();
  }

  #newestFirst(): CertificateAuthority[] {
    return this.#live.toReversed();
  }

  #at(index: number): CertificateAuthority {
    const authority = this.#live.at(index);
    if (authority === undefined) throw new Error('there is always an authority');
    return authority;
  }
}

async function recordOf(
  authority: CertificateAuthority,
  masterKey: MasterKey,
): Promise<Omit<AuthorityRecord, 'retiredAt'>> {
  return {
    sha256: authority.sha256,
    certificatePem: authority.certificatePem,
    encryptedKeyPem: await masterKey.encrypt(authority.privateKey),
    createdAt: authority.madeAt,
  };
}

/** Null when the master key does not open one of them. */
function decrypted(
  records: readonly AuthorityRecord[],
  masterKey: MasterKey,
): readonly CertificateAuthority[] | null {
  const live: CertificateAuthority[] = [];
  for (const { certificatePem, encryptedKeyPem, createdAt } of records) {
    const key = encryptedKeyPem === null ? null : masterKey.decrypt(encryptedKeyPem);
    if (key === null) return null;
    live.push(new CertificateAuthority(certificatePem, key, createdAt));
  }
  return live;
}
