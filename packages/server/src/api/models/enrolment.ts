import { z } from 'zod';
import { pageModel, PageQuery } from '../page.js';
import { ClientIdSchema, TimestampMs, UuidSchema } from './identifiers.js';
import { PublicHostText } from './network.js';

/** What a link can still do. */
export const enrolmentStates = ['open', 'redeemed', 'expired', 'revoked'] as const;

/** An enrolment link as administrators see it: without its secret, which nobody has but its receiver. */
export const EnrolmentModel = z.object({
  id: UuidSchema,
  /** Whom it enrols. */
  client: ClientIdSchema,
  state: z.enum(enrolmentStates),
  /** Name of who made it. */
  createdBy: z.string(),
  createdAtMs: TimestampMs,
  expiresAtMs: TimestampMs,
  redeemedAtMs: TimestampMs.nullable(),
  /** IP address. */
  redeemedFrom: z.string().nullable(),
  /** SHA-256 of the certificate it was redeemed for. */
  certificateSha256: z.string().nullable(),
  revokedAtMs: TimestampMs.nullable(),
});
export type EnrolmentModel = z.infer<typeof EnrolmentModel>;

/** Answer of `GET /api/v1/enrolments`. */
export const EnrolmentListModel = pageModel(EnrolmentModel);

/** Query of `GET /api/v1/enrolments`. */
export const EnrolmentListQuery = PageQuery.extend({
  client: ClientIdSchema.optional(),
  /** `true`: only those that can be redeemed. */
  open: z.enum(['true', 'false']).optional(),
});
export type EnrolmentListQuery = z.output<typeof EnrolmentListQuery>;

/** Body of `POST /api/v1/enrolments`. */
export const NewEnrolmentModel = z.strictObject({
  client: ClientIdSchema,
  /** Absent: as the settings say. */
  lifetimeHours: z.int().min(1).max(720).optional(),
  /** Public name or address of the server to put into the link; absent: the configured one. */
  host: PublicHostText.optional(),
});
export type NewEnrolmentModel = z.output<typeof NewEnrolmentModel>;

/** Answer of `POST /api/v1/enrolments`: the only time that the link is shown. */
export const CreatedEnrolmentModel = z.object({
  id: UuidSchema,
  client: ClientIdSchema,
  /** `masque-vpn://…`; as a QR code it is read by phones. */
  link: z.string(),
  expiresAtMs: TimestampMs,
});
