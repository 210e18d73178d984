import { z } from 'zod';
import { TimestampMs } from './identifiers.js';

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
