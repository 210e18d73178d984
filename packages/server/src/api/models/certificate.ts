import { z } from 'zod';
import { certificateOrigins } from '../../store/certificates.js';
import { pageModel, PageQuery } from '../page.js';
import { ClientIdSchema, TimestampMs } from './identifiers.js';
import { proseText } from './text.js';

/** SHA-256 of a certificate (DER), lower-case hex. */
export const FingerprintSchema = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits');

/** A client certificate. */
export const CertificateModel = z.object({
  sha256: FingerprintSchema,
  client: ClientIdSchema,
  /** Lower-case hex; empty where only the fingerprint is known. */
  serial: z.string(),
  /** Issued by this server's authority, or imported. */
  origin: z.enum(certificateOrigins),
  /** Fingerprint of the authority; null: imported, or issued by the first one. */
  issuerSha256: z.string().nullable(),
  notBeforeMs: TimestampMs,
  notAfterMs: TimestampMs,
  createdAtMs: TimestampMs,
  revokedAtMs: TimestampMs.nullable(),
  revocationReason: z.string().nullable(),
});
export type CertificateModel = z.infer<typeof CertificateModel>;

/** Answer of `GET /api/v1/certificates`. */
export const CertificateListModel = pageModel(CertificateModel);

/** Query of `GET /api/v1/certificates`. */
export const CertificateListQuery = PageQuery.extend({
  client: ClientIdSchema.optional(),
  origin: z.enum(certificateOrigins).optional(),
  /** `true`: only those that are neither expired nor revoked. */
  usable: z.enum(['true', 'false']).optional(),
});
export type CertificateListQuery = z.output<typeof CertificateListQuery>;

/** Body of `POST /api/v1/certificates`: the whole certificate, or its fingerprint and until when it is trusted. */
export const ImportedCertificateModel = z.union([
  z.strictObject({ client: ClientIdSchema, certificatePem: z.string().max(16_384) }),
  z.strictObject({ client: ClientIdSchema, sha256: FingerprintSchema, notAfterMs: TimestampMs }),
]);
export type ImportedCertificateModel = z.output<typeof ImportedCertificateModel>;

/** Body of `POST /api/v1/certificates/:sha256/revoke`. */
export const CertificateRevocationModel = z.strictObject({
  reason: proseText(200).trim().optional(),
});

/** Answer of `POST /api/v1/certificates/:sha256/revoke`. */
export const RevokedCertificateModel = z.object({ sessionsEnded: z.int().nonnegative() });
