/** Stable codes of what can go wrong while the host is read or changed; `docs/errors.md` explains each. */
export const hostErrorCodes = [
  'HOST_BUSY',
  'HOST_CLOSED',
  'HOST_COMMAND_FAILED',
  'HOST_COMMAND_TIMEOUT',
  'HOST_CONFLICT',
  'HOST_JOURNAL_FAILED',
  'HOST_LINK_MISSING',
  'HOST_PERMISSION_DENIED',
  'HOST_PLAN_INVALID',
  'HOST_SYSCTL_FAILED',
  'HOST_TOOL_MISSING',
] as const;
export type HostErrorCode = (typeof hostErrorCodes)[number];

/** An expected failure as data; `message` says what failed and what to do, for people, and is never matched. */
export interface HostError {
  readonly code: HostErrorCode;
  readonly message: string;
}

/** Success or an expected failure. */
export type HostResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: HostError };

/** A successful {@link HostResult}. */
export function succeeded<T>(value: T): HostResult<T> {
  return { ok: true, value };
}

/** A failed {@link HostResult}. */
export function failed(
  code: HostErrorCode,
  message: string,
): { readonly ok: false; readonly error: HostError } {
  return { ok: false, error: { code, message } };
}
