import { z } from 'zod';
import { permissions } from '../../administration/permissions.js';
import { AdministratorNameSchema, PasswordSchema } from './administrator.js';
import { TimestampMs, UuidSchema } from './identifiers.js';
import { exactText } from './text.js';

/** Code of an authenticator app. */
export const TotpCodeSchema = z.string().regex(/^\d{6}$/, 'must be six digits');

/** Answer of `GET /api/v1/login`: what a login page offers. */
export const LoginOptionsModel = z.object({
  /** Nobody administers yet: the first owner is made with the link that the server printed. */
  firstOwnerMissing: z.boolean(),
  password: z.literal(true),
  oidc: z.object({ label: z.string() }).nullable(),
});

/** Body of `POST /api/v1/login`. */
export const CredentialsModel = z.strictObject({
  name: exactText(128),
  password: PasswordSchema,
  code: TotpCodeSchema.optional(),
});

/** Body of `POST /api/v1/setup`. */
export const SetUpModel = z.strictObject({
  secret: z.string().min(1).max(128),
  /** Of the first owner; otherwise the link says whose it is. */
  name: AdministratorNameSchema.optional(),
  password: PasswordSchema,
});

/** Somebody is signed in; the session is in the cookie. */
export const SignedInModel = z.object({ signedIn: z.literal(true) });

/** Answer of `GET /api/v1/me`. */
export const PrincipalModel = z.object({
  kind: z.enum(['administrator', 'token', 'local', 'person']),
  name: z.string(),
  permissions: z.array(z.enum(permissions)),
  /** Whether the second factor is on; null for those who have no account. */
  hasTotp: z.boolean().nullable(),
  /** Whether devices of one's own can be enrolled. */
  hasDevices: z.boolean(),
});

/** Answer of `GET /api/v1/session`. */
export const SessionOwnerModel = z.object({
  /** Null: nobody is signed in. */
  principal: PrincipalModel.nullable(),
});

/** Body of `PUT /api/v1/me/password`. */
export const PasswordChangeModel = z.strictObject({ current: PasswordSchema, next: PasswordSchema });

/** Answer of `POST /api/v1/me/totp`: for an authenticator app; nothing is on yet. */
export const TotpOfferModel = z.object({
  /** Base32. */
  secret: z.string(),
  /** `otpauth://…`, for a QR code. */
  uri: z.string(),
});

/** Body of `PUT /api/v1/me/totp`: proves that the app took the secret. */
export const TotpOnModel = z.strictObject({
  secret: z.string().regex(/^[A-Z2-7]{32}$/, 'must be the secret that was offered'),
  code: TotpCodeSchema,
  password: PasswordSchema,
});

/** Body of `POST /api/v1/me/totp/off`. */
export const TotpOffModel = z.strictObject({ code: TotpCodeSchema, password: PasswordSchema });

/** A session of one's own. */
export const LoginSessionModel = z.object({
  id: UuidSchema,
  /** Whether this request came with it. */
  current: z.boolean(),
  remoteAddress: z.string(),
  userAgent: z.string(),
  createdAtMs: TimestampMs,
  lastUsedAtMs: TimestampMs,
  expiresAtMs: TimestampMs,
});

/** Answer of `GET /api/v1/me/sessions`, the newest first. */
export const LoginSessionListModel = z.object({ items: z.array(LoginSessionModel) });
