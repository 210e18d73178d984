import type { AcmeResult } from './acmeError.js';

/** A key and a certificate, PEM. */
export interface CertifiedKey {
  readonly keyPem: string;
  readonly certificatePem: string;
}

/** Where the certificate of a challenge is shown to the authority that asks for it (RFC 8737 §3). */
export interface ChallengeStage {
  /** Shows it for this name until disposed. */
  present(name: string, certificate: CertifiedKey): Disposable;
}

export interface CertificateOrder {
  /** DNS names, the first of them the one that clients are told. */
  readonly names: readonly string[];
  /** Of the account at the authority, PEM. */
  readonly accountKeyPem: string;
  /** The new certificate's, PEM. */
  readonly keyPem: string;
  readonly stage: ChallengeStage;
  /** Ends every wait; the order then fails. */
  readonly signal: AbortSignal;
}

/** An authority that certifies servers by ACME (RFC 8555). */
export interface CertificateIssuer {
  /**
   * Orders a certificate, answers the challenges, and returns the chain, leaf first. One attempt, bounded in time.
   * Codes: ACME_CA_FILE_UNREADABLE, ACME_DIRECTORY_UNREACHABLE, ACME_ACCOUNT_REFUSED, ACME_ORDER_REFUSED,
   * ACME_CHALLENGE_NOT_OFFERED, ACME_CHALLENGE_FAILED, ACME_NOT_ISSUED.
   */
  order(order: CertificateOrder): Promise<AcmeResult<string>>;
}
