import { z } from 'zod';
import { pageModel, PageQuery } from '../page.js';
import { ClientIdSchema, TimestampMs, UuidSchema } from './identifiers.js';

/** A bearer token of a client that cannot present a certificate. */
export const ClientTokenModel = z.object({
  id: UuidSchema,
  client: ClientIdSchema,
  createdAtMs: TimestampMs,
  /** Null: until it is revoked. */
  expiresAtMs: TimestampMs.nullable(),
  revokedAtMs: TimestampMs.nullable(),
});
export type ClientTokenModel = z.infer<typeof ClientTokenModel>;

/** Answer of `GET /api/v1/client-tokens`. */
export const ClientTokenListModel = pageModel(ClientTokenModel);

/** Query of `GET /api/v1/client-tokens`. */
export const ClientTokenListQuery = PageQuery.extend({ client: ClientIdSchema.optional() });
export type ClientTokenListQuery = z.output<typeof ClientTokenListQuery>;

/** Body of `POST /api/v1/client-tokens`. */
export const NewClientTokenModel = z.strictObject({
  client: ClientIdSchema,
  expiresAtMs: TimestampMs.nullable(),
});

/** Answer of `POST /api/v1/client-tokens`: the only time that the text is shown. */
export const CreatedClientTokenModel = z.object({
  token: ClientTokenModel,
  text: z.string(),
  /** Whether the configuration lets tokens in at all (`auth.client_tokens`). */
  accepted: z.boolean(),
});
