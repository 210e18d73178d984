import { z } from 'zod';

/** Answer of `GET /health`: `degraded` while tunnels are refused or nothing can be stored. */
export const HealthModel = z.object({
  status: z.enum(['ok', 'degraded']),
  /** Codes of what is wrong; each is in `docs/errors.md`. */
  problems: z.array(z.string()),
});
export type HealthModel = z.infer<typeof HealthModel>;
