import { stat } from 'node:fs/promises';
import type { EnrolmentTrust, ServerTrust } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import type { Authorities } from './authorities.js';
import { readOwnCertificate, type OwnCertificate, type OwnCertificateFiles } from './ownCertificate.js';
import type { PkiResult } from './pkiError.js';
import { ensureServerCertificate } from './serverCertificate.js';

/** What the server presents in TLS, everywhere. */
export interface PresentedCertificate {
  /** Leaf first, without a root: for the tunnel, where each byte of a handshake counts. */
  readonly chainPem: string;
  /** The same with the authority's certificate: whoever enrols compares its fingerprint. */
  readonly fullChainPem: string;
  readonly keyPem: string;
  /** UTC milliseconds. */
  readonly notAfter: number;
}

export interface ServerCredentialOptions {
  readonly authorities: Authorities;
  /** Where `server.pem` and `server.key` are. */
  readonly directory: string;
  /** A certificate of somebody else; null: the authority certifies the server. */
  readonly own: OwnCertificateFiles | null;
  /** Whether the server gets that one itself, by ACME; as long as there is none of use, the authority's is used. */
  readonly acme: boolean;
  /** What clients are told. */
  readonly publicHost: string;
  /** Everything a certificate of ours is made for. */
  readonly names: readonly string[];
  readonly clock: { now(): number };
  readonly logger: Logger;
}

/** The server's certificate, and how clients know it. */
export class ServerCredential implements Disposable {
  readonly #options: ServerCredentialOptions;
  readonly #listeners = new Set<(certificate: PresentedCertificate) => void>();
  readonly #subscription: Disposable;
  #presented: PresentedCertificate;
  #own: OwnCertificate | null;
  /** Of the files that were read last. */
  #stamp: string | null;
  /** What is wrong with them, as it was logged. */
  #problem: string | null = null;
  /** One look at a time, in order. */
  #refreshing: Promise<unknown> = Promise.resolve();

  private constructor(options: ServerCredentialOptions, { presented, own }: Found, stamp: string | null) {
    this.#options = options;
    this.#presented = presented;
    this.#own = own;
    this.#stamp = stamp;
    // During a rollover the authority that certifies servers changes.
    this.#subscription = options.authorities.subscribe(() => void this.refresh());
  }

  /** Codes: PKI_UNWRITABLE, and those of `readOwnCertificate`. */
  static async open(options: ServerCredentialOptions): Promise<PkiResult<ServerCredential>> {
    const stamp = await stampOf(options.own);
    const found = await find(options);
    return found.ok ? { ok: true, value: new ServerCredential(options, found.value, stamp) } : found;
  }

  get presented(): PresentedCertificate {
    return this.#presented;
  }

  /** Who made it: our authority, an authority by ACME, or an administrator brought it. */
  get source(): 'authority' | 'acme' | 'own' {
    if (this.#own === null) return 'authority';
    return this.#options.acme ? 'acme' : 'own';
  }

  /** What clients trust from now on: our authorities, and whoever issued a certificate that was brought along. */
  get trust(): ServerTrust {
    const own = this.#own;
    return {
      anchorsPem: this.#options.authorities.anchorsPem + (own === null ? '' : own.anchorPem),
      // Whoever enrols while the first order is under way will meet a public certificate.
      system: own?.isPublic ?? this.#options.acme,
    };
  }

  /** By what the holder of an enrolment link knows the server. */
  get linkTrust(): EnrolmentTrust {
    const own = this.#own;
    const authorities = this.#options.authorities.live.map(({ sha256 }) => sha256);
    // By ACME, the certificate may change hands before the link is used.
    if (this.#options.acme) {
      const anchor = own === null || own.isPublic ? [] : [own.anchorSha256];
      return { sha256: [...authorities, ...anchor], system: own?.isPublic ?? true };
    }
    if (own?.isPublic === true) return { sha256: [], system: true };
    return { sha256: own === null ? authorities : [own.anchorSha256], system: false };
  }

  /** Calls back with each new certificate until disposed. */
  subscribe(listener: (certificate: PresentedCertificate) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /**
   * Renews the certificate when it is time, and reads one that was brought along again. A failure is logged and
   * returned, and the certificate in use stays. True: there is a new one.
   */
  refresh(): Promise<PkiResult<boolean>> {
    const next = this.#refreshing.then(() => this.#refresh());
    this.#refreshing = next.catch(() => undefined);
    return next;
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
    this.#listeners.clear();
  }

  async #refresh(): Promise<PkiResult<boolean>> {
    const { logger } = this.#options;
    const stamp = await stampOf(this.#options.own);
    const isCurrent = this.#own !== null && this.#options.clock.now() < this.#own.notAfter;
    if (stamp !== null && stamp === this.#stamp && isCurrent) return { ok: true, value: false };
    const found = await find(this.#options);
    if (!found.ok) {
      // It is looked at again and again; one line is enough.
      if (this.#problem !== found.error.message) {
        logger.error({ err: found.error }, 'the server has no new certificate; the old one stays in use');
      }
      this.#problem = found.error.message;
      return found;
    }
    this.#stamp = stamp;
    this.#problem = null;
    const { presented, own } = found.value;
    const isNew = presented.fullChainPem !== this.#presented.fullChainPem;
    this.#own = own;
    this.#presented = presented;
    if (!isNew) return { ok: true, value: false };
    logger.info({ notAfter: new Date(presented.notAfter).toISOString() }, 'the server has a new certificate');
    for (const listener of this.#listeners) listener(presented);
    return { ok: true, value: true };
  }
}

interface Found {
  readonly presented: PresentedCertificate;
  readonly own: OwnCertificate | null;
}

/** Changes whenever one of the files does; null without files, or where one is missing. */
async function stampOf(own: OwnCertificateFiles | null): Promise<string | null> {
  if (own === null) return null;
  try {
    const found = await Promise.all([stat(own.certificate), stat(own.key)]);
    return found.map(({ ino, size, mtimeMs, ctimeMs }) => [ino, size, mtimeMs, ctimeMs].join()).join();
  } catch {
    return null;
  }
}

async function find(options: ServerCredentialOptions): Promise<PkiResult<Found>> {
  const { authorities, directory, own: files, acme, publicHost, names, clock } = options;
  const now = Math.trunc(clock.now());
  if (files !== null) {
    const read = await readOwnCertificate({ files, publicHost, now });
    if (read.ok) {
      const { chainPem, keyPem, notAfter } = read.value;
      const presented = { chainPem, fullChainPem: chainPem, keyPem, notAfter };
      return { ok: true, value: { presented, own: read.value } };
    }
    if (!acme) return read;
  }
  const authority = authorities.serving;
  const ensured = await ensureServerCertificate({ authority, directory, names, now });
  if (!ensured.ok) return ensured;
  const { chainPem, keyPem, notAfter } = ensured.value;
  const fullChainPem = chainPem + authority.certificatePem;
  return { ok: true, value: { presented: { chainPem, fullChainPem, keyPem, notAfter }, own: null } };
}
