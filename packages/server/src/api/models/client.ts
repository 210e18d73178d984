import { z } from 'zod';
import { clientSorts } from '../../clients/search.js';
import { pageModel, PageQuery } from '../page.js';
import { ClientIdSchema, TimestampMs } from './identifiers.js';
import { ClientLimitsModel } from './limits.js';
import { PublicHostText } from './network.js';
import { exactText, lineText, proseText } from './text.js';

/** A certificate as its client shows it. */
export const ClientCertificateModel = z.object({
  /** SHA-256 of the certificate (DER), lower-case hex. */
  sha256: z.string(),
  notBeforeMs: TimestampMs,
  notAfterMs: TimestampMs,
  revokedAtMs: TimestampMs.nullable(),
});

/** A client as administrators see it. */
export const ClientModel = z.object({
  id: ClientIdSchema,
  displayName: z.string(),
  note: z.string().nullable(),
  /** Who enrolled it by themselves: issuer and subject of OIDC; null when an administrator did. */
  owner: z.string().nullable(),
  enabled: z.boolean(),
  /** From when on it is refused; null: never. */
  expiresAtMs: TimestampMs.nullable(),
  createdAtMs: TimestampMs,
  updatedAtMs: TimestampMs,
  version: z.int(),
  /** Its groups, by id. */
  groups: z.array(ClientIdSchema),
  /** What is set for itself; null: its groups decide. */
  limits: ClientLimitsModel,
  /** Inner addresses it holds, or held last on this server, without prefix length. */
  addresses: z.array(z.string()),
  /** On all servers of the database. */
  openSessions: z.int().nonnegative(),
  /** Start of its last session; null: it never had one, as far as the history goes back. */
  lastConnectedAtMs: TimestampMs.nullable(),
  /** The newest last. */
  certificates: z.array(ClientCertificateModel),
});
export type ClientModel = z.infer<typeof ClientModel>;

/** Answer of `GET /api/v1/clients`. */
export const ClientListModel = pageModel(ClientModel);
export type ClientListModel = z.infer<typeof ClientListModel>;

const Flag = z.enum(['true', 'false']).transform((text) => text === 'true');

/** Query of `GET /api/v1/clients`. */
export const ClientListQuery = PageQuery.extend({
  /** Part of id, display name or note. */
  q: exactText(200).normalize().optional(),
  group: ClientIdSchema.optional(),
  enabled: Flag.optional(),
  /** Whether it has an open session. */
  online: Flag.optional(),
  sort: z.enum(clientSorts).default('id'),
  order: z.enum(['asc', 'desc']).default('asc'),
});
export type ClientListQuery = z.output<typeof ClientListQuery>;

const settable = {
  displayName: lineText(200).optional(),
  note: proseText(2_000).nullable().optional(),
  enabled: z.boolean().optional(),
  expiresAtMs: TimestampMs.nullable().optional(),
  /** All of them; groups that are not named are left. */
  groups: z.array(ClientIdSchema).max(100).optional(),
  limits: ClientLimitsModel.partial().optional(),
};

/** Body of `PATCH /api/v1/clients/:id`; what is absent stays. */
export const ClientChangeModel = z.strictObject(settable);
export type ClientChangeModel = z.output<typeof ClientChangeModel>;

/** Body of `POST /api/v1/clients`. The private key stays with whoever made the request, or will redeem the link. */
export const NewClientModel = z
  .strictObject({
    ...settable,
    name: ClientIdSchema,
    /** A PKCS #10 request whose key is certified at once. */
    csrPem: z.string().max(16_384).optional(),
    /** Makes a link with which a key is certified once. */
    enrolment: z
      .strictObject({
        /** Absent: as the settings say. */
        lifetimeHours: z.int().min(1).max(720).optional(),
      })
      .optional(),
    /** Public name or address of the server to put into `url` and link; absent: the configured one. */
    host: PublicHostText.optional(),
  })
  .refine(({ csrPem, enrolment }) => csrPem === undefined || enrolment === undefined, {
    message: 'either csrPem or enrolment',
  });
export type NewClientModel = z.output<typeof NewClientModel>;

/** Answer of `POST /api/v1/clients`: everything a profile needs except the private key. */
export const CreatedClientModel = z.object({
  client: ClientModel,
  /** Null without `csrPem`. */
  certificatePem: z.string().nullable(),
  /** Null without `enrolment`. The link holds a secret and is shown this once. */
  enrolment: z.object({ id: z.string(), link: z.string(), expiresAtMs: TimestampMs }).nullable(),
  caPem: z.string(),
  /** URI template of the tunnel endpoint (RFC 9484 §3). */
  url: z.string(),
  /** Addresses to try where the host in `url` does not resolve; most likely first. */
  addressHints: z.array(z.string()),
});
export type CreatedClientModel = z.infer<typeof CreatedClientModel>;

/** Answer of `DELETE /api/v1/clients/:id/sessions`. */
export const DisconnectedModel = z.object({ sessionsEnded: z.int().nonnegative() });
