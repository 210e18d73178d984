import { z } from 'zod';
import { connectionCodes, speedCodes } from '../../diagnosis/codes.js';
import { findingParts } from './finding.js';
import { ClientIdSchema, TimestampMs } from './identifiers.js';

export const ConnectionFindingModel = z.object({ code: z.enum(connectionCodes), ...findingParts });
export const SpeedFindingModel = z.object({ code: z.enum(speedCodes), ...findingParts });

/** Answer of `GET /api/v1/clients/:id/diagnosis`; the most decisive finding first, at least one of each kind. */
export const DiagnosisModel = z.object({
  clientId: ClientIdSchema,
  atMs: TimestampMs,
  /** Whether it has an open session. */
  connected: z.boolean(),
  /** Why it cannot connect, or reaches nothing. */
  connection: z.array(ConnectionFindingModel).min(1),
  /** Why it is slow. */
  speed: z.array(SpeedFindingModel).min(1),
});
export type DiagnosisModel = z.infer<typeof DiagnosisModel>;
