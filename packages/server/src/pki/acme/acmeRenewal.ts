import { X509Certificate } from 'node:crypto';
import type { Logger } from 'pino';
import type { Clock } from '../../process/clock.js';
import { generateKeys, privateKeyPem } from '../keys.js';
import { checkOwnCertificate, readOwnCertificate, type OwnCertificate } from '../ownCertificate.js';
import { systemCode, writeAtomically } from '../privateFile.js';
import type { ServerCredential } from '../serverCredential.js';
import { acmeFailure, type AcmeError, type AcmeResult } from './acmeError.js';
import { acmeCertificateFiles, ensureAccountKey } from './acmeFiles.js';
import { AttemptsFile, backoffMs, mostBackoffMs, type Attempts } from './attempts.js';
import type { CertificateIssuer, ChallengeStage } from './certificateOrder.js';

export interface AcmeRenewalOptions {
  readonly issuer: CertificateIssuer;
  /** DNS names; the certificate is valid for all of them. */
  readonly names: readonly string[];
  /** Of the authority, an URL. */
  readonly directory: string;
  /** One of the names: what clients are told. */
  readonly publicHost: string;
  readonly stateDirectory: string;
  readonly stage: ChallengeStage;
  /** Whether the port where challenges are answered is open. */
  readonly isOpen: () => boolean;
  readonly credential: Pick<ServerCredential, 'refresh'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Logger;
}

/**
 * Keeps the certificate of an ACME authority current: ordered when there is none for these names, and from two thirds
 * of its life on. What fails is logged and tried again later, less and less often; the certificate in use stays.
 */
export class AcmeRenewal implements Disposable {
  readonly #options: AcmeRenewalOptions;
  readonly #attempts: AttemptsFile;
  readonly #ending = new AbortController();
  /** Of an authority and names. */
  readonly #subject: string;
  #running: Promise<void> | null = null;
  #problem: AcmeError | null = null;

  constructor(options: AcmeRenewalOptions) {
    this.#options = options;
    this.#attempts = new AttemptsFile(options.stateDirectory);
    this.#subject = [options.directory, ...options.names].join(' ');
  }

  /** Why the last attempt failed; null: it did not. */
  get problem(): AcmeError | null {
    return this.#problem;
  }

  /** Orders a certificate if it is time to; never two at once. */
  attend(): Promise<void> {
    this.#running ??= this.#attend().finally(() => (this.#running = null));
    return this.#running;
  }

  /** Ends an order that is under way. */
  [Symbol.dispose](): void {
    this.#ending.abort(new Error('The server is stopping.'));
  }

  async #attend(): Promise<void> {
    const ended = await this.#step();
    if (ended === null || this.#ending.signal.aborted) return;
    if (ended.ok) {
      this.#problem = null;
      return;
    }
    const { error } = ended;
    const isNew = this.#problem?.message !== error.message;
    this.#problem = error;
    const { logger } = this.#options;
    if (isNew) logger.error({ err: error }, 'no new certificate by ACME; the one in use stays');
    else logger.debug({ err: error }, 'no new certificate by ACME; the one in use stays');
  }

  /** Null: it is not time. */
  async #step(): Promise<AcmeResult<null> | null> {
    const { clock, isOpen } = this.#options;
    try {
      const now = Math.trunc(clock.now());
      const before = await this.#attempts.read();
      if (!(await this.#isDue(before, now))) return null;
      if (!isOpen()) {
        const message = 'The public TCP port is not open, and the authority asks there.';
        return acmeFailure('ACME_PORT_CLOSED', message);
      }
      return await this.#attempt(before, now);
    } catch (error) {
      if (systemCode(error) === 'UNKNOWN') throw error;
      const message = `Cannot keep keys and certificate in ${this.#options.stateDirectory} (${systemCode(error)}). Check that the folder is writable and the disk not full.`;
      return acmeFailure('ACME_UNWRITABLE', message);
    }
  }

  async #isDue(before: Attempts | null, now: number): Promise<boolean> {
    // A clock that was set back must not put it off for longer than a failure does.
    const waits =
      before !== null &&
      before.subject === this.#subject &&
      now < before.nextAttemptMs &&
      before.nextAttemptMs - now <= mostBackoffMs;
    if (waits) return false;
    const kept = await this.#kept(now);
    return kept === null || before?.issued !== this.#subject || now >= renewAtOf(kept);
  }

  async #kept(now: number): Promise<OwnCertificate | null> {
    const { stateDirectory, publicHost } = this.#options;
    const read = await readOwnCertificate({ files: acmeCertificateFiles(stateDirectory), publicHost, now });
    return read.ok ? read.value : null;
  }

  async #attempt(before: Attempts | null, now: number): Promise<AcmeResult<null>> {
    const { stateDirectory, issuer, names, stage, publicHost, credential, logger } = this.#options;
    const failures = (before?.subject === this.#subject ? before.failures : 0) + 1;
    const attempts = { subject: this.#subject, issued: before?.issued ?? null };
    // Before the authority is asked: a server that crashes meanwhile does not ask again at once.
    await this.#attempts.write({ ...attempts, failures, nextAttemptMs: now + backoffMs(failures) });
    const accountKeyPem = await ensureAccountKey(stateDirectory);
    const keyPem = privateKeyPem(generateKeys().privateKey);
    logger.info({ names }, 'a certificate is ordered by ACME');
    const { signal } = this.#ending;
    const ordered = await issuer.order({ names, accountKeyPem, keyPem, stage, signal });
    if (!ordered.ok) return ordered;
    const files = acmeCertificateFiles(stateDirectory);
    const checked = checkOwnCertificate(
      { certificate: ordered.value, key: keyPem },
      { files, publicHost, now: this.#options.clock.now() },
    );
    if (!checked.ok) {
      return acmeFailure(
        'ACME_CERTIFICATE_UNUSABLE',
        `What was issued is of no use: ${checked.error.message}`,
      );
    }
    await writeAtomically(files.key, keyPem + ordered.value, 0o600);
    await this.#attempts.write({
      subject: this.#subject,
      issued: this.#subject,
      failures: 0,
      nextAttemptMs: 0,
    });
    await credential.refresh();
    return { ok: true, value: null };
  }
}

/** UTC milliseconds from which it is renewed: a third of its life is left. */
function renewAtOf({ chainPem, notAfter }: OwnCertificate): number {
  const notBefore = Date.parse(new X509Certificate(chainPem).validFrom);
  return notAfter - (notAfter - notBefore) / 3;
}
