import { z } from 'zod';
import { ClientIdSchema, TimestampMs } from './identifiers.js';

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
