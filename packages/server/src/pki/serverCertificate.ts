import type { CertificateAuthority } from './authority.js';
import type { PkiResult } from './pkiError.js';

/** What the engine's listener takes, and until when. */
export interface ServerCertificate {
  /** Leaf first. */
  readonly chainPem: string;
  readonly keyPem: string;
  /** UTC milliseconds. */
  readonly notAfter: number;
  /** UTC milliseconds from which a start (or a running server) should renew it: a third of its life left. */
  readonly renewAt: number;
  /** Whether it was made by this call, and why. */
  readonly made: 'kept' | 'firstStart' | 'namesChanged' | 'ageing' | 'unusable';
}

/**
 * Keeps `server.pem` and `server.key` of `directory` current: valid for 90 days, for exactly `names` (DNS names and
 * IP addresses as text), renewed when the names changed or less than a third of its life is left.
 */
export function ensureServerCertificate(options: {
  readonly authority: CertificateAuthority;
  readonly directory: string;
  readonly names: readonly string[];
  readonly now: number;
}): Promise<PkiResult<ServerCertificate>> {
  return Promise.reject(new Error(`not built yet: ${options.directory}`));
}
