import { z } from 'zod';
import { checkCodes, checkIds } from '../../checks/codes.js';
import { findingParts } from './finding.js';
import { TimestampMs } from './identifiers.js';

export const CheckFindingModel = z.object({ code: z.enum(checkCodes), ...findingParts });
export type CheckFindingModel = z.infer<typeof CheckFindingModel>;

/** A question and what was found; the finding that decides comes first. */
export const CheckModel = z.object({
  id: z.enum(checkIds),
  state: z.enum(['ok', 'problem', 'unknown']),
  findings: z.array(CheckFindingModel).min(1),
});
export type CheckModel = z.infer<typeof CheckModel>;

/** Answer of `GET /api/v1/checks`. */
export const ChecksModel = z.object({ checkedAtMs: TimestampMs, checks: z.array(CheckModel) });
export type ChecksModel = z.infer<typeof ChecksModel>;
