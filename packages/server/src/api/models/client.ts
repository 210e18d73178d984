import { z } from 'zod';
import { ClientIdSchema, TimestampMs } from './identifiers.js';

/** A client as administrators see it. */
export const ClientModel = z.object({
  id: ClientIdSchema,
  enabled: z.boolean(),
  createdAtMs: TimestampMs,
  /** Inner addresses it holds or held last, without prefix length. */
  addresses: z.array(z.string()),
  openSessions: z.int().nonnegative(),
  certificates: z.array(
    z.object({
      /** SHA-256 of the certificate (DER), lower-case hex. */
      sha256: z.string(),
      notBeforeMs: TimestampMs,
      notAfterMs: TimestampMs,
    }),
  ),
});
export type ClientModel = z.infer<typeof ClientModel>;

/** Answer of `GET /api/v1/clients`, in order of id. */
export const ClientListModel = z.object({ items: z.array(ClientModel) });
export type ClientListModel = z.infer<typeof ClientListModel>;

/** Body of `PATCH /api/v1/clients/:id`. */
export const ClientChangeModel = z.strictObject({ enabled: z.boolean() });

/** Body of `POST /api/v1/clients`. The private key stays with whoever made the request. */
export const NewClientModel = z.strictObject({
  name: ClientIdSchema,
  csrPem: z.string().max(16_384),
  /** Public name or address of the server to put into `url`; absent: the configured one. */
  host: z.string().min(1).max(253).optional(),
});
export type NewClientModel = z.infer<typeof NewClientModel>;

/** Answer of `POST /api/v1/clients`: everything a profile needs except the private key. */
export const CreatedClientModel = z.object({
  client: ClientModel,
  certificatePem: z.string(),
  caPem: z.string(),
  /** URI template of the tunnel endpoint (RFC 9484 §3). */
  url: z.string(),
  /** Addresses to try where the host in `url` does not resolve; most likely first. */
  addressHints: z.array(z.string()),
});
export type CreatedClientModel = z.infer<typeof CreatedClientModel>;
