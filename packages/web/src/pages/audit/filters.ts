/** What narrows the audit log, as it stands in the page's address; empty: does not matter. */
export interface AuditFilters {
  readonly actor: string;
  /** A noun, `client`. */
  readonly about: string;
  readonly target: string;
  /** Local times, `2026-11-22T20:00`. */
  readonly from: string;
  readonly until: string;
}

export const noFilters: AuditFilters = { actor: '', about: '', target: '', from: '', until: '' };

/** First words of the actions there are. */
export const nouns = [
  'client',
  'session',
  'enrolment',
  'certificate',
  'clientToken',
  'group',
  'rule',
  'portForward',
  'lease',
  'login',
  'administrator',
  'token',
  'webhook',
  'settings',
  'authority',
  'server',
] as const;

export interface AuditQuery {
  readonly actor?: string;
  readonly action?: string;
  readonly target?: string;
  readonly fromMs?: number;
  readonly untilMs?: number;
}

/** The filters as the API takes them; times that are none do not matter. */
export function queryOf({ actor, about, target, from, until }: AuditFilters): AuditQuery {
  const fromMs = Date.parse(from);
  const untilMs = Date.parse(until);
  return {
    ...(actor === '' ? {} : { actor }),
    ...(about === '' ? {} : { action: `${about}.` }),
    ...(target === '' ? {} : { target }),
    ...(Number.isNaN(fromMs) ? {} : { fromMs }),
    ...(Number.isNaN(untilMs) ? {} : { untilMs }),
  };
}

/** Where everything that matches can be downloaded, one JSON object a line. */
export function exportPath(filters: AuditFilters): string {
  const entries = Object.entries(queryOf(filters)).map(([name, value]) => [name, String(value)]);
  const query = new URLSearchParams(entries).toString();
  return `/api/v1/audit/export${query === '' ? '' : `?${query}`}`;
}
