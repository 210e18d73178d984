export interface ProblemDetails {
  readonly code: string;
  readonly status: number;
  /** English, for people: what is wrong and what to do. */
  readonly detail: string;
  /** Seconds after which it is worth trying again; null: nobody said. */
  readonly retryAfterSeconds: number | null;
}

/** A request that was refused or did not get through (RFC 9457). */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly code: string;
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  readonly detail: string;
  readonly retryAfterSeconds: number | null;

  constructor({ code, status, detail, retryAfterSeconds }: ProblemDetails) {
    super(`${code}: ${detail}`);
    this.code = code;
    this.status = status;
    this.detail = detail;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** Whether the same request may succeed later without anybody doing anything. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Whatever was thrown, as a problem; a mistake of the page itself stays one and is thrown on. */
export function problemOf(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  throw error;
}

/** The problem that an answer other than 2xx tells of; answers of proxies in between have no code of ours. */
export async function readProblem(response: Response): Promise<ApiProblem> {
  const body: unknown = await response.json().catch(() => null);
  const has = (name: string): string | null => {
    const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : null;
    return typeof value === 'string' ? value : null;
  };
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new ApiProblem({
    code: has('code') ?? 'ANSWER_UNREADABLE',
    status: response.status,
    detail: has('detail') ?? response.statusText,
    retryAfterSeconds: Number.isFinite(seconds) ? seconds : null,
  });
}

/** Whether somebody else changed the object since it was read: nothing was saved. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiProblem && error.code === 'API_VERSION_CONFLICT';
}
