import { z } from 'zod';

/** Problem details (RFC 9457); `code` is stable and listed in `docs/errors.md`. */
export const ProblemModel = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
});
export type ProblemModel = z.infer<typeof ProblemModel>;
