import { z } from 'zod';
import { FingerprintSchema } from './certificate.js';
import { TimestampMs } from './identifiers.js';

/** A certificate authority of this installation. */
export const AuthorityModel = z.object({
  sha256: FingerprintSchema,
  certificatePem: z.string(),
  createdAtMs: TimestampMs,
  notAfterMs: TimestampMs,
  retiredAtMs: TimestampMs.nullable(),
  /** Certifies clients. */
  issuing: z.boolean(),
  /** Certifies servers. */
  serving: z.boolean(),
  /** What it is still needed for; null: it was retired. */
  dependents: z
    .object({
      /** Client certificates that are usable. */
      certificates: z.int().nonnegative(),
      /** When the last of them expires; null: there are none. */
      lastExpiryMs: TimestampMs.nullable(),
      /** Enrolment links that name no newer authority. */
      enrolments: z.int().nonnegative(),
    })
    .nullable(),
});
export type AuthorityModel = z.infer<typeof AuthorityModel>;

/** Answer of `GET /api/v1/pki`. */
export const PkiModel = z.object({
  /** The newest first. */
  authorities: z.array(AuthorityModel),
  /** What clients trust the server by, PEM. */
  anchorsPem: z.string(),
  /** Whether clients trust public authorities as well. */
  systemRoots: z.boolean(),
  serverCertificate: z.object({
    /** `authority`: made by ours; `acme`: ordered by ACME; `own`: brought along. */
    source: z.enum(['authority', 'acme', 'own']),
    sha256: FingerprintSchema,
    notAfterMs: TimestampMs,
  }),
  masterKey: z.object({ source: z.enum(['environment', 'credential', 'configured', 'stateFolder']) }),
});
export type PkiModel = z.infer<typeof PkiModel>;

/** Answer of `POST /api/v1/pki/authorities/:sha256/retire`. */
export const RetiredAuthorityModel = z.object({
  /** Certificates of it that were still usable, and are revoked now. */
  certificatesRevoked: z.int().nonnegative(),
  sessionsEnded: z.int().nonnegative(),
});
