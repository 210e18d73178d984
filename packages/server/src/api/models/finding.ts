import { z } from 'zod';
import { severities } from '../../findings/finding.js';

/** What findings have beside their code. */
export const findingParts = {
  severity: z.enum(severities),
  /** What it is about, by name; `docs/errors.md` lists them for each code. */
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())])),
  /** One English sentence. */
  message: z.string(),
  /** What to do about it, in English; null: nothing. */
  remedy: z.string().nullable(),
};
