import type { ClientRecord } from './clients.js';

/** A certificate this server issued. */
export interface CertificateRecord {
  /** SHA-256 of the DER, lower-case hex: what the engine reports of a peer. */
  readonly sha256: string;
  readonly clientUuid: string;
  /** Lower-case hex. */
  readonly serial: string;
  /** UTC milliseconds, as the three below. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

export interface CertificateRepository {
  insert(certificate: Omit<CertificateRecord, 'revokedAt'>): Promise<void>;
  /** Who presents this certificate; null for one we never issued or whose client was deleted. */
  findHolder(
    sha256: string,
  ): Promise<{ readonly certificate: CertificateRecord; readonly client: ClientRecord } | null>;
  /** Newest first. */
  listByClient(clientUuid: string): Promise<readonly CertificateRecord[]>;
  /** True when it was valid until now. */
  revoke(sha256: string, now: number): Promise<boolean>;
}
