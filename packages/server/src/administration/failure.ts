import { fail } from '@masque-vpn/protocol';

/** Stable codes of administration; `docs/errors.md` explains each. */
export const administrationErrorCodes = [
  'LOGIN_REFUSED',
  'LOGIN_CODE_REQUIRED',
  'LOGIN_THROTTLED',
  'LOGIN_OVERLOADED',
  'LOGIN_LINK_INVALID',
  'LOGIN_SESSION_NOT_FOUND',
  'PASSWORD_TOO_WEAK',
  'TOTP_CODE_WRONG',
  'TOTP_ALREADY_ON',
  'TOTP_NOT_ON',
  'ADMINISTRATOR_EXISTS',
  'ADMINISTRATOR_NOT_FOUND',
  'ADMINISTRATOR_LAST_OWNER',
  'ADMINISTRATOR_NAME_MISSING',
  'ADMINISTRATOR_ONLY',
  'TOKEN_NOT_FOUND',
  'TOKEN_TOO_MANY',
  'TOKEN_EXCEEDS_MAKER',
  'OIDC_NOT_CONFIGURED',
  'OIDC_UNREACHABLE',
  'OIDC_LOGIN_FAILED',
  'OIDC_NOT_PERMITTED',
  'API_VERSION_CONFLICT',
] as const;
export type AdministrationErrorCode = (typeof administrationErrorCodes)[number];

/** An expected failure; `message` says what happened and what to do. */
export interface AdministrationFailure {
  readonly code: AdministrationErrorCode;
  readonly message: string;
  /** When to try again, seconds. */
  readonly retryAfterSeconds?: number;
}

/** A failed result with it: too many attempts failed, the next is judged after `lockMs`. */
export function throttled(lockMs: number): ReturnType<typeof refused> {
  const seconds = Math.ceil(lockMs / 1000);
  return refused('LOGIN_THROTTLED', `too many failed attempts; try again in ${seconds} s`, seconds);
}

/** A failed result with it. */
export function refused(
  code: AdministrationErrorCode,
  message: string,
  retryAfterSeconds?: number,
): { readonly ok: false; readonly error: AdministrationFailure } {
  return fail({ code, message, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) });
}
