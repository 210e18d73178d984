import { z } from 'zod';
import { ClientIdSchema, TimestampMs, UuidSchema } from './identifiers.js';
import { PortNumber, PrefixText } from './network.js';
import { proseText } from './text.js';

/** What a port forward says. */
const content = {
  enabled: z.boolean(),
  protocol: z.enum(['tcp', 'udp']),
  /** Port of the server's public addresses. */
  publicPort: PortNumber,
  clientId: ClientIdSchema,
  clientPort: PortNumber,
  /** Prefixes that may use it; empty: everybody. */
  sources: z.array(PrefixText).max(64),
  note: proseText(500).nullable(),
};

/** A port of the server's public addresses that leads to a client. */
export const PortForwardModel = z.object({
  id: UuidSchema,
  ...content,
  note: z.string().nullable(),
  /** The client's inner addresses that it leads to now; empty while the client is not connected. */
  addresses: z.array(z.string()),
  createdAtMs: TimestampMs,
  updatedAtMs: TimestampMs,
  version: z.int(),
});
export type PortForwardModel = z.infer<typeof PortForwardModel>;

/** Answer of `GET /api/v1/port-forwards`, in order of public port. */
export const PortForwardListModel = z.object({
  items: z.array(PortForwardModel),
  nextCursor: z.null(),
});

/** Body of `POST /api/v1/port-forwards`. */
export const NewPortForwardModel = z.strictObject({
  ...content,
  enabled: z.boolean().default(true),
  sources: z.array(PrefixText).max(64).default([]),
  note: proseText(500).nullable().default(null),
});
export type NewPortForwardModel = z.infer<typeof NewPortForwardModel>;

/** Body of `PATCH /api/v1/port-forwards/:id`; what is absent stays. */
export const PortForwardChangeModel = z.strictObject(content).partial();
export type PortForwardChangeModel = z.infer<typeof PortForwardChangeModel>;

/** A network behind a client (site to site). */
export const ClientPrefixModel = z.object({
  id: UuidSchema,
  prefix: z.string(),
  /** The client is connected and offers it: packets go there now. */
  active: z.boolean(),
  createdAtMs: TimestampMs,
});
export type ClientPrefixModel = z.infer<typeof ClientPrefixModel>;

/** Answer of `GET /api/v1/clients/:id/prefixes`. */
export const ClientPrefixListModel = z.object({
  items: z.array(ClientPrefixModel),
  nextCursor: z.null(),
});

/** Answer of `GET /api/v1/client-prefixes`, in order of their making. */
export const AllClientPrefixesModel = z.object({
  items: z.array(ClientPrefixModel.extend({ clientId: ClientIdSchema })),
  nextCursor: z.null(),
});
export type AllClientPrefixesModel = z.infer<typeof AllClientPrefixesModel>;

/** Body of `POST /api/v1/clients/:id/prefixes`. */
export const NewClientPrefixModel = z.strictObject({ prefix: PrefixText });
