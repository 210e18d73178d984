import { z } from 'zod';

/** A client's immutable name: its certificate's common name and its label in metrics and logs. */
export const ClientIdSchema = z
  .string()
  .regex(/^[a-z0-9-]{1,63}$/, 'must be 1–63 characters out of a–z, 0–9 and "-"');

/** Name of whatever has no name that people choose. */
export const UuidSchema = z.uuid();

/** Instants of the API: integer milliseconds since the Unix epoch, UTC. */
export const TimestampMs = z.int().nonnegative();
