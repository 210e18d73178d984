import { z } from 'zod';

/** A client's immutable name: its certificate's common name and its label in metrics and logs. */
export const ClientIdSchema = z
  .string()
  .regex(/^[a-z0-9-]{1,63}$/, 'must be 1–63 characters out of a–z, 0–9 and "-"');

/** Instants of the API: integer milliseconds since the Unix epoch, UTC. */
export const TimestampMs = z.int().nonnegative();

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

/** A live session. */
export const SessionModel = z.object({
  /** UUIDv7, the same in logs and history. */
  id: z.string(),
  clientId: ClientIdSchema,
  remoteAddress: z.string(),
  addresses: z.array(z.string()),
  startedAtMs: TimestampMs,
  bytesSent: z.number(),
  bytesReceived: z.number(),
  packetsSent: z.number(),
  packetsReceived: z.number(),
  /** Largest inner packet the session can carry now; null until measured. */
  tunnelMtu: z.int().nullable(),
});
export type SessionModel = z.infer<typeof SessionModel>;

/** Answer of `GET /api/v1/sessions`, the oldest first. */
export const SessionListModel = z.object({ items: z.array(SessionModel) });
export type SessionListModel = z.infer<typeof SessionListModel>;

/** Answer of `GET /health`: `degraded` while tunnels are refused or nothing can be stored. */
export const HealthModel = z.object({
  status: z.enum(['ok', 'degraded']),
  /** Codes of what is wrong; each is in `docs/errors.md`. */
  problems: z.array(z.string()),
});
export type HealthModel = z.infer<typeof HealthModel>;

/** Answer of `GET /api/v1/status`. */
export const StatusModel = z.object({
  version: z.string(),
  startedAtMs: TimestampMs,
  uptimeSeconds: z.number(),
  /** UDP address of the listener. */
  udpAddress: z.string(),
  caSha256: z.string(),
  tun: z.object({
    active: z.boolean(),
    name: z.string(),
    mtu: z.int(),
    /** Why it is not active, and what to do; null when active. */
    problem: z.object({ code: z.string(), message: z.string() }).nullable(),
    /** What works, but not as the configuration may lead one to expect. */
    warnings: z.array(z.string()),
  }),
  store: z.object({ available: z.boolean() }),
  clients: z.object({ total: z.int(), enabled: z.int() }),
  sessions: z.object({ open: z.int(), total: z.int() }),
  pool: z.object({
    ipv4: z.object({ total: z.number(), used: z.number(), available: z.number() }),
    /** Used addresses only: the total of an IPv6 prefix says nothing. */
    ipv6: z.object({ used: z.number() }),
  }),
});
export type StatusModel = z.infer<typeof StatusModel>;

/** Problem details (RFC 9457); `code` is stable and listed in `docs/errors.md`. */
export const ProblemModel = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
});
export type ProblemModel = z.infer<typeof ProblemModel>;
