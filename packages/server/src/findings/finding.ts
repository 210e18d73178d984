/** How much a finding matters; the worst last. `unknown`: it could not be found out, or not yet. */
export const severities = ['ok', 'info', 'unknown', 'warning', 'problem'] as const;
export type Severity = (typeof severities)[number];

/** What a finding is about, by name: with code and facts it can be worded in any language. */
export type Facts = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** Something that was found out about this server or a client. */
export interface Finding<Code extends string = string> {
  /** Stable; in `docs/errors.md` each has its meaning and what to do. */
  readonly code: Code;
  readonly severity: Severity;
  readonly facts: Facts;
  /** One English sentence, facts included. */
  readonly message: string;
  /** What to do about it, with the exact commands where there are some; null: nothing. */
  readonly remedy: string | null;
}

/** The worst first, otherwise as they were. */
export function bySeverity<Found extends Pick<Finding, 'severity'>>(findings: readonly Found[]): Found[] {
  const weight = ({ severity }: Found): number => severities.indexOf(severity);
  return findings.toSorted((a, b) => weight(b) - weight(a));
}
