import { stat } from 'node:fs/promises';
import type { EnrolmentTrust, ServerTrust } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import type { Authorities } from './authorities.js';
import { readOwnCertificate, type OwnCertificate, type OwnCertificateFiles } from './ownCertificate.js';
import type { PkiError, PkiResult } from './pkiError.js';
import { Presentation, type PresentedCertificate } from './presentation.js';
import { ensureServerCertificate } from './serverCertificate.js';

export interface ServerCredentialOptions {
  readonly authorities: Authorities;
  /** Where `server.pem` and `server.key` are. */
  readonly directory: string;
  /** A certificate of somebody else; null: the authority certifies the server. */
  readonly own: OwnCertificateFiles | null;
  /** Whether the server gets that one itself, by ACME; as long as there is none of use, the authority's is used. */
  readonly acme: boolean;
  /**
   * Whether tunnels and enrolment show that one too. Clients that enrolled before do not trust it; otherwise they show
   * the authority's, which every client trusts.
   */
  readonly ownEverywhere: boolean;
  /** What clients are told. */
  readonly publicHost: string;
  /** Everything a certificate of ours is made for. */
  readonly names: readonly string[];
  readonly clock: { now(): number };
  readonly logger: Logger;
}

/** The server's certificates, and how clients know them. */
export class ServerCredential implements Disposable {
  /** At the UDP port, and at the public TCP port for enrolment and renewal. */
  readonly tunnel: Presentation;
  /** At the port of administration, where browsers look at it. */
  readonly administration: Presentation;
  readonly #options: ServerCredentialOptions;
  readonly #subscription: Disposable;
  #own: OwnCertificate | null;
  /** Of the files that were read last. */
  #stamp: string | null;
  /** What is wrong with a certificate, as it was logged. */
  #problem: string | null = null;
  /** One look at a time, in order. */
  #refreshing: Promise<unknown> = Promise.resolve();

  private constructor(options: ServerCredentialOptions, found: Found, stamp: string | null) {
    this.#options = options;
    this.tunnel = new Presentation(found.tunnel);
    this.administration = new Presentation(found.administration);
    this.#own = found.own;
    this.#stamp = stamp;
    // During a rollover the authority that certifies servers changes.
    this.#subscription = options.authorities.subscribe(() => void this.refresh());
  }

  /** Codes: PKI_UNWRITABLE, and those of `readOwnCertificate`. */
  static async open(options: ServerCredentialOptions): Promise<PkiResult<ServerCredential>> {
    const stamp = await stampOf(options.own);
    const own = await findOwn(options);
    if (!own.ok) return own;
    const found = await presentations(options, own.value);
    return found.ok ? { ok: true, value: new ServerCredential(options, found.value, stamp) } : found;
  }

  /** When the first of the certificates in use expires, UTC milliseconds. */
  get notAfter(): number {
    return Math.min(this.tunnel.certificate.notAfter, this.administration.certificate.notAfter);
  }

  /** Who made what browsers see: our authority, an authority by ACME, or an administrator brought it. */
  get source(): 'authority' | 'acme' | 'own' {
    if (this.#own === null) return 'authority';
    return this.#options.acme ? 'acme' : 'own';
  }

  /** What clients trust from now on: our authorities, and whoever issued a certificate that tunnels show instead. */
  get trust(): ServerTrust {
    const { authorities, acme, ownEverywhere } = this.#options;
    if (!ownEverywhere) return { anchorsPem: authorities.anchorsPem, system: false };
    const own = this.#own;
    return {
      anchorsPem: authorities.anchorsPem + (own === null ? '' : own.anchorPem),
      // Whoever enrols while the first order is under way will meet a public certificate.
      system: own?.isPublic ?? acme,
    };
  }

  /** By what the holder of an enrolment link knows the server. */
  get linkTrust(): EnrolmentTrust {
    const { authorities: known, acme, ownEverywhere } = this.#options;
    const own = this.#own;
    const authorities = known.live.map(({ sha256 }) => sha256);
    if (!ownEverywhere) return { sha256: authorities, system: false };
    // By ACME, the certificate may change hands before the link is used.
    if (acme) {
      const anchor = own === null || own.isPublic ? [] : [own.anchorSha256];
      return { sha256: [...authorities, ...anchor], system: own?.isPublic ?? true };
    }
    if (own?.isPublic === true) return { sha256: [], system: true };
    return { sha256: own === null ? authorities : [own.anchorSha256], system: false };
  }

  /**
   * Renews the authority's certificate when it is time, and reads one that was brought along again. A failure of
   * either is logged and returned, and what was in use stays. True: there is a new one.
   */
  refresh(): Promise<PkiResult<boolean>> {
    const next = this.#refreshing.then(() => this.#refresh());
    this.#refreshing = next.catch(() => undefined);
    return next;
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
    this.tunnel[Symbol.dispose]();
    this.administration[Symbol.dispose]();
  }

  async #refresh(): Promise<PkiResult<boolean>> {
    const stamp = await stampOf(this.#options.own);
    const own = this.#isCurrent(stamp)
      ? ({ ok: true, value: this.#own } as const)
      : await findOwn(this.#options);
    // A file that is of no use must not keep our own certificate from being renewed.
    const found = await presentations(this.#options, own.ok ? own.value : this.#own);
    if (own.ok) {
      this.#own = own.value;
      this.#stamp = stamp;
    }
    const isNew = found.ok && this.#present(found.value);
    const failure = own.ok ? found : own;
    this.#report(failure.ok ? null : failure.error);
    return failure.ok ? { ok: true, value: isNew } : failure;
  }

  #isCurrent(stamp: string | null): boolean {
    const isUnchanged = stamp !== null && stamp === this.#stamp;
    return isUnchanged && this.#own !== null && this.#options.clock.now() < this.#own.notAfter;
  }

  #present({ tunnel, administration }: Found): boolean {
    const isNew = [this.tunnel.replace(tunnel), this.administration.replace(administration)].includes(true);
    if (!isNew) return false;
    const notAfter = new Date(this.notAfter).toISOString();
    this.#options.logger.info({ notAfter }, 'the server has a new certificate');
    return true;
  }

  /** It is looked at again and again; one line is enough. */
  #report(error: PkiError | null): void {
    if (error !== null && this.#problem !== error.message) {
      this.#options.logger.error(
        { err: error },
        'the server has no new certificate; the old one stays in use',
      );
    }
    this.#problem = error?.message ?? null;
  }
}

interface Found {
  readonly tunnel: PresentedCertificate;
  readonly administration: PresentedCertificate;
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

/** Null: none is configured, or ACME has none of use. Codes: as of `readOwnCertificate`. */
async function findOwn({
  own: files,
  acme,
  publicHost,
  clock,
}: ServerCredentialOptions): Promise<PkiResult<OwnCertificate | null>> {
  if (files === null) return { ok: true, value: null };
  const read = await readOwnCertificate({ files, publicHost, now: Math.trunc(clock.now()) });
  return !read.ok && acme ? { ok: true, value: null } : read;
}

/** What is presented where; the authority's certificate is made or renewed if it is needed. Code: PKI_UNWRITABLE. */
async function presentations(
  options: ServerCredentialOptions,
  own: OwnCertificate | null,
): Promise<PkiResult<Found>> {
  const brought = own === null ? null : presentedOwn(own);
  if (brought !== null && options.ownEverywhere) {
    return { ok: true, value: { tunnel: brought, administration: brought, own } };
  }
  const { authorities, directory, names, clock } = options;
  const authority = authorities.serving;
  const ensured = await ensureServerCertificate({
    ...{ authority, directory, names },
    now: Math.trunc(clock.now()),
  });
  if (!ensured.ok) return ensured;
  const { chainPem, keyPem, notAfter } = ensured.value;
  const ours = { chainPem, fullChainPem: chainPem + authority.certificatePem, keyPem, notAfter };
  return { ok: true, value: { tunnel: ours, administration: brought ?? ours, own } };
}

function presentedOwn({ chainPem, keyPem, notAfter }: OwnCertificate): PresentedCertificate {
  return { chainPem, fullChainPem: chainPem, keyPem, notAfter };
}
