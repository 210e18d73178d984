import { bySeverity, type Finding } from '../findings/finding.js';
import type { CheckCode, CheckId } from './codes.js';

export type CheckFinding = Finding<CheckCode>;

/** A question and what was found, the finding that decides first. */
export interface Check {
  readonly id: CheckId;
  /** `unknown`: nothing is wrong as far as this host can tell, and nothing proves that it works. */
  readonly state: 'ok' | 'problem' | 'unknown';
  readonly findings: readonly CheckFinding[];
}

/** The worst finding decides; evidence that it works outweighs what could not be found out. */
export function checkOf(id: CheckId, findings: readonly CheckFinding[]): Check {
  const sorted = bySeverity(findings);
  const has = (severity: CheckFinding['severity']): boolean =>
    sorted.some((finding) => finding.severity === severity);
  if (has('problem')) return { id, state: 'problem', findings: sorted };
  if (!has('ok')) return { id, state: 'unknown', findings: sorted };
  const proof = sorted.filter(({ severity }) => severity === 'ok');
  return { id, state: 'ok', findings: [...proof, ...sorted.filter(({ severity }) => severity !== 'ok')] };
}
