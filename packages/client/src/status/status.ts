import { z } from 'zod';

/** What a client does right now. */
export const clientStates = [
  /** Resolving, handshaking or waiting for the server's answer. */
  'connecting',
  /** The tunnel carries packets. */
  'up',
  /** The last attempt failed; the next one comes by itself. */
  'waiting',
  /** Leaving: the session ends in order, the host is put back. */
  'stopping',
] as const;
export type ClientState = (typeof clientStates)[number];

/**
 * The answer of a client's status socket. Instants are UTC milliseconds, counters run since the client started and
 * count inner packets; `up` is towards the server.
 */
export const clientStatusSchema = z.object({
  client: z.string(),
  /** Authority of the profile's URL. */
  server: z.string(),
  pid: z.int(),
  interface: z.string(),
  state: z.enum(clientStates),
  /** When this state began. */
  sinceMs: z.int(),
  /** UDP address of the server; null while there is no connection. */
  remoteAddress: z.string().nullable(),
  /** Inner addresses with prefix length. */
  addresses: z.array(z.string()),
  /** Prefixes routed into the tunnel. */
  routes: z.array(z.string()),
  /**
   * What the server says about DNS (draft-ietf-masque-connect-ip-dns-06). It is not applied: the resolver of this
   * machine stays as it is.
   */
  dns: z.array(
    z.object({
      /** In the order in which they are to be asked. */
      nameservers: z.array(
        z.object({
          addresses: z.array(z.string()),
          /** What its certificate has to be valid for; null: unencrypted DNS only. */
          name: z.string().nullable(),
        }),
      ),
      /** Names these nameservers answer for, with everything below them; "." is every name. */
      internalDomains: z.array(z.string()),
      searchDomains: z.array(z.string()),
    }),
  ),
  /** Bytes of the largest inner packet; null while there is no tunnel. */
  tunnelMtu: z.int().nullable(),
  /** Smoothed round-trip time of the connection; null while there is none. */
  rttMs: z.number().nullable(),
  bytesUp: z.number(),
  bytesDown: z.number(),
  packetsUp: z.number(),
  packetsDown: z.number(),
  /** The certificate in use. */
  certificate: z.object({
    expiresAtMs: z.int(),
    /** When the next attempt to renew it begins; null when it is not renewed by this client. */
    renewsAtMs: z.int().nullable(),
    /** Why the last attempt failed; null after one that did not. */
    renewalError: z.object({ code: z.string(), message: z.string(), atMs: z.int() }).nullable(),
  }),
  /** Networks behind this machine that the server was offered. */
  advertised: z.array(z.string()),
  /** Failed attempts since the tunnel was last stable. */
  attempts: z.int(),
  lastError: z.object({ code: z.string(), message: z.string(), atMs: z.int() }).nullable(),
});
export type ClientStatus = z.infer<typeof clientStatusSchema>;
