import { z } from 'zod';
import { roles } from '../../administration/permissions.js';
import { TimestampMs } from './identifiers.js';

/** Name of an administrator: lower case, also a mail address. */
export const AdministratorNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._@+-]{0,127}$/, 'must be 1–128 characters out of a–z, 0–9 and ". _ @ + -"');

/** What somebody may do; see `docs/authorization.md`. */
export const RoleSchema = z.enum(roles);

/** A password as it is typed; what makes a good one is judged elsewhere. */
export const PasswordSchema = z.string().min(1).max(1024);

/** An administrator. */
export const AdministratorModel = z.object({
  /** The name: it never changes. */
  id: AdministratorNameSchema,
  role: RoleSchema,
  enabled: z.boolean(),
  /** Whether a login by password is possible. */
  hasPassword: z.boolean(),
  hasTotp: z.boolean(),
  /** Issuer that vouches for them; null: no login by OIDC. */
  oidcIssuer: z.string().nullable(),
  lastLoginAtMs: TimestampMs.nullable(),
  createdAtMs: TimestampMs,
  updatedAtMs: TimestampMs,
  version: z.int(),
});
export type AdministratorModel = z.infer<typeof AdministratorModel>;

/** Body of `POST /api/v1/administrators`. Without a password the answer has a link with which they choose one. */
export const NewAdministratorModel = z.strictObject({
  name: AdministratorNameSchema,
  role: RoleSchema,
  password: PasswordSchema.optional(),
});

/** A link to choose a password with, good once. */
export const SetUpLinkModel = z.object({
  /** Body of `POST /api/v1/setup`. */
  secret: z.string(),
  /** Path of the page that takes it; put the server's address before. */
  path: z.string(),
  expiresAtMs: TimestampMs,
});
export type SetUpLinkModel = z.infer<typeof SetUpLinkModel>;

/** Answer of `POST /api/v1/administrators`. */
export const CreatedAdministratorModel = z.object({
  administrator: AdministratorModel,
  link: SetUpLinkModel.nullable(),
});
export type CreatedAdministratorModel = z.infer<typeof CreatedAdministratorModel>;

/** Body of `PATCH /api/v1/administrators/:id`; absent fields stay. */
export const AdministratorChangeModel = z.strictObject({
  role: RoleSchema.optional(),
  enabled: z.boolean().optional(),
  password: PasswordSchema.optional(),
  /** Turns the second factor off: the device is lost. */
  resetTotp: z.literal(true).optional(),
});
