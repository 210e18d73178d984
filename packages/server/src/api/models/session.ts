import { congestionModes } from '@masque-vpn/engine';
import { z } from 'zod';
import { pageModel, PageQuery } from '../page.js';
import { ClientIdSchema, TimestampMs } from './identifiers.js';
import { exactText } from './text.js';

/** The path of a session's connection, as its transport sees it; null: not known yet. */
export const PathModel = z.object({
  /** Smoothed. */
  rttMs: z.number().nullable(),
  /** Share of the packets sent so far that were lost, 0–1. */
  lossRatio: z.number().nullable(),
  /** Largest UDP payload that the path is known to carry, bytes. */
  pathMtu: z.number().nullable(),
  congestionWindowBytes: z.number().nullable(),
  /** What congestion control expects of the path, or paces by, bytes per second. */
  congestionRate: z.number().nullable(),
  /** What congestion control does; the first four are modes of `adaptive`. */
  congestionMode: z.enum(congestionModes).nullable(),
});

/** A live session on this server. Sent: to the client; received: from it. */
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
  /** Packets dropped on the way to the client, and from it. */
  dropsSending: z.number(),
  dropsReceiving: z.number(),
  /** Largest inner packet the session can carry now; null until measured. */
  tunnelMtu: z.int().nullable(),
  path: PathModel,
});
export type SessionModel = z.infer<typeof SessionModel>;

/** Answer of `GET /api/v1/sessions`, the oldest first. */
export const SessionListModel = pageModel(SessionModel);
export type SessionListModel = z.infer<typeof SessionListModel>;

/** Query of `GET /api/v1/sessions`. */
export const SessionListQuery = PageQuery.extend({ client: ClientIdSchema.optional() });
export type SessionListQuery = z.output<typeof SessionListQuery>;

/** One of the servers on a database. */
export const SessionServerModel = z.object({
  /** What its state folder remembers. */
  id: z.string(),
  /** Of its machine; null: it is gone for good. */
  name: z.string().nullable(),
});

/** A session, live or ended, or a request that got none; with its counters at its end. */
export const PastSessionModel = z.object({
  id: z.string(),
  clientId: z.string(),
  state: z.enum(['open', 'ended', 'refused']),
  /** On which server; null: there is only one, or was at that time. */
  server: SessionServerModel.nullable(),
  remoteAddress: z.string(),
  addresses: z.array(z.string()),
  startedAtMs: TimestampMs,
  endedAtMs: TimestampMs.nullable(),
  /** Why it ended, or was refused; each is in `docs/errors.md`. Null while open. */
  cause: z.string().nullable(),
  /** HTTP/3 error code, if one was involved. */
  code: z.number().nullable(),
  bytesSent: z.number(),
  bytesReceived: z.number(),
  packetsSent: z.number(),
  packetsReceived: z.number(),
});
export type PastSessionModel = z.infer<typeof PastSessionModel>;

/** Answer of `GET /api/v1/sessions/history`, the newest first. */
export const PastSessionListModel = pageModel(PastSessionModel);

/** Query of `GET /api/v1/sessions/history`. */
export const PastSessionQuery = PageQuery.extend({
  /** Also one that was deleted. */
  client: ClientIdSchema.optional(),
  state: z.enum(['open', 'ended', 'refused']).optional(),
  cause: exactText(64).optional(),
  /** Started at this time or later, and before this time; UTC milliseconds. */
  fromMs: z.coerce.number().int().min(0).max(8_640_000_000_000_000).optional(),
  untilMs: z.coerce.number().int().min(0).max(8_640_000_000_000_000).optional(),
});
export type PastSessionQuery = z.output<typeof PastSessionQuery>;

/** Answer of `GET /api/v1/sessions/:id`: the live part is null for one that is over, or on another server. */
export const SessionDetailModel = PastSessionModel.extend({ live: SessionModel.nullable() });
export type SessionDetailModel = z.infer<typeof SessionDetailModel>;
