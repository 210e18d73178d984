import { z } from 'zod';
import { TimestampMs } from './identifiers.js';

/** Of what happened within the last minute; null where nothing did. */
const Milliseconds = z.number().nonnegative().nullable();

/** Answer of `GET /api/v1/status`. */
export const StatusModel = z.object({
  version: z.string(),
  startedAtMs: TimestampMs,
  uptimeSeconds: z.number(),
  /** UDP address of the listener. */
  udpAddress: z.string(),
  /** What clients are told to connect to. */
  publicHost: z.string(),
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
  store: z.object({
    available: z.boolean(),
    kind: z.enum(['sqlite', 'postgres']),
    /** Mean time of statements of the last minute, waiting included. */
    readMs: Milliseconds,
    writeMs: Milliseconds,
    /** Statements that failed, since the start. */
    failures: z.int().nonnegative(),
  }),
  certificates: z.object({
    authorityNotAfterMs: TimestampMs,
    serverNotAfterMs: TimestampMs,
    /** Of the client certificates that can be used, the one that expires first; null: there is none. */
    nextClientNotAfterMs: TimestampMs.nullable(),
  }),
  /** How late timers were within the last minute. */
  eventLoop: z.object({ medianMs: Milliseconds, p99Ms: Milliseconds }),
  /** Threads that move packets: share of the last minute in which they worked, 0–1; null: not known yet. */
  workers: z.object({ busyShare: z.number().min(0).max(1).nullable() }),
  process: z.object({
    residentBytes: z.int().nonnegative(),
    /** File descriptors, and how many there may be; null where the system does not tell. */
    openFiles: z.int().nonnegative().nullable(),
    mostFiles: z.int().nonnegative().nullable(),
  }),
  clients: z.object({ total: z.int(), enabled: z.int() }),
  sessions: z.object({ open: z.int(), total: z.int() }),
  pool: z.object({
    ipv4: z.object({ total: z.number(), used: z.number(), available: z.number() }),
    /** Used addresses only: the total of an IPv6 prefix says nothing. */
    ipv6: z.object({ used: z.number() }),
  }),
});
export type StatusModel = z.infer<typeof StatusModel>;
