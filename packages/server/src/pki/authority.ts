import type { Logger } from 'pino';
import type { PkiResult } from './pkiError.js';

export interface IssuedCertificate {
  readonly pem: string;
  /** Of the DER, lower-case hex. */
  readonly sha256: string;
  /** Lower-case hex. */
  readonly serial: string;
  /** UTC milliseconds, whole seconds. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** The built-in certificate authority, its key in memory. */
export interface CertificateAuthority {
  readonly certificatePem: string;
  readonly sha256: string;
  readonly notAfter: number;
  /**
   * Issues a client certificate for the CSR's key. Names and extensions of the CSR are ignored: the subject is
   * `CN=<clientId>`. Codes: PKI_BAD_CSR, PKI_BAD_SIGNATURE, PKI_WEAK_KEY.
   */
  issueClientCertificate(request: {
    readonly csrPem: string;
    readonly clientId: string;
    readonly now: number;
    /** Default: 365 days. */
    readonly validityMs?: number;
  }): Promise<PkiResult<IssuedCertificate>>;
}

/**
 * Loads `ca.pem` and `ca.key` of `directory`, or makes both when neither is there (ECDSA P-256, key mode 0600).
 * One without the other is an error: a new authority would lock every client out.
 */
export function openAuthority(options: {
  readonly directory: string;
  readonly now: number;
  readonly logger: Logger;
}): Promise<PkiResult<CertificateAuthority>> {
  return Promise.reject(new Error(`not built yet: ${options.directory}`));
}
