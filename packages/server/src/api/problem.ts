import type { ProblemModel } from './models/problem.js';
import { administrationProblems } from './problems/administration.js';
import { apiProblems } from './problems/api.js';
import { clientProblems } from './problems/client.js';
import { leaseProblems } from './problems/lease.js';
import { enrolmentProblems } from './problems/enrolment.js';
import { pkiProblems } from './problems/pki.js';
import { policyProblems } from './problems/policy.js';
import { sessionProblems } from './problems/session.js';
import { webhookProblems } from './problems/webhook.js';
import { storeProblems } from './problems/store.js';
import type { ProblemTable } from './problems/table.js';

/** Every code that problem details may carry, one table per noun. */
const problems = {
  ...apiProblems,
  ...storeProblems,
  ...pkiProblems,
  ...enrolmentProblems,
  ...administrationProblems,
  ...clientProblems,
  ...sessionProblems,
  ...leaseProblems,
  ...webhookProblems,
  ...policyProblems,
} as const satisfies ProblemTable;

export type ProblemCode = keyof typeof problems;

/** Every {@link ProblemCode}; `docs/errors.md` explains each. */
export const problemCodes = Object.keys(problems) as readonly ProblemCode[];

/** An expected failure of a handler. */
export interface ApiFailure {
  readonly code: ProblemCode;
  /** For people; may stay empty where the title says it all. */
  readonly message: string;
  /** When to try again, seconds: becomes Retry-After (RFC 9110 §10.2.3). */
  readonly retryAfterSeconds?: number;
}

/** Problem details (RFC 9457) of a failure; its status is in them. */
export function problemOf({ code, message }: ApiFailure): ProblemModel {
  const [status, title] = problems[code];
  return { type: 'about:blank', title, status, detail: message, code };
}
