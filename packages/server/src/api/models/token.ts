import { z } from 'zod';
import { permissions } from '../../administration/permissions.js';
import { TimestampMs, UuidSchema } from './identifiers.js';
import { lineText } from './text.js';

export const PermissionSchema = z.enum(permissions);

/** A token of a program. */
export const TokenModel = z.object({
  id: UuidSchema,
  name: z.string(),
  permissions: z.array(z.string()),
  createdAtMs: TimestampMs,
  expiresAtMs: TimestampMs.nullable(),
  lastUsedAtMs: TimestampMs.nullable(),
  revokedAtMs: TimestampMs.nullable(),
});
export type TokenModel = z.infer<typeof TokenModel>;

/** Body of `POST /api/v1/tokens`. */
export const NewTokenModel = z.strictObject({
  name: lineText(100),
  permissions: z.array(PermissionSchema).min(1).max(permissions.length),
  /** Null: until it is revoked. */
  expiresAtMs: TimestampMs.nullable(),
});

/** Answer of `POST /api/v1/tokens`: the only time that the text is shown. */
export const CreatedTokenModel = z.object({ token: TokenModel, text: z.string() });
