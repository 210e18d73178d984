import { fail, type Result } from '@masque-vpn/protocol';

/** Stable codes of what can go wrong for a client; `docs/errors.md` explains each. */
export const clientFailureCodes = [
  'PROFILE_NOT_FOUND',
  'PROFILE_UNREADABLE',
  'PROFILE_EXPOSED',
  'PROFILE_SYNTAX',
  'PROFILE_INVALID',
  'PROFILE_TEMPLATE_INVALID',
  'PROFILE_CERTIFICATE_INVALID',
  'PROFILE_CERTIFICATE_EXPIRED',
  'PROFILE_CERTIFICATE_NOT_YET_VALID',
  'PROFILE_EXISTS',
  'PROFILE_UNWRITABLE',
  'CLIENT_ALREADY_RUNNING',
  'CLIENT_CLOCK_WRONG',
  'CLIENT_STATE_UNUSABLE',
  'CLIENT_PERMISSION_DENIED',
  'CLIENT_TUN_MISSING',
  'CLIENT_TUN_BUSY',
  'CLIENT_TUN_LOST',
  'CLIENT_NETWORK_FAILED',
  'CLIENT_ENGINE_FAILED',
  'SERVER_NAME_UNRESOLVED',
  'SERVER_UNREACHABLE',
  'SERVER_CERTIFICATE_REFUSED',
  'SERVER_INCOMPATIBLE',
  'SERVER_FINGERPRINT_MISMATCH',
  'SERVER_PORT_FOREIGN',
  'SERVER_EXTENDED_CONNECT_MISSING',
  'SERVER_REFUSED_CERTIFICATE',
  'SERVER_REFUSED_IDENTITY',
  'SERVER_REFUSED_CLIENT',
  'SERVER_PATH_UNKNOWN',
  'SERVER_BUSY',
  'SERVER_FAULT',
  'SERVER_RESPONSE_INVALID',
  'TUNNEL_LOST',
  'TUNNEL_CLOSED_BY_SERVER',
  'TUNNEL_NO_ADDRESS',
  'TUNNEL_MTU_TOO_SMALL',
  'TUNNEL_PROTOCOL_ERROR',
] as const;
export type ClientFailureCode = (typeof clientFailureCodes)[number];

/**
 * Whether trying again makes sense:
 * `soon` — with backoff; `slowly` — only somebody's action on the server helps, so ask rarely;
 * `never` — the same input gives the same answer until a person changes something here.
 */
export type Retry = 'soon' | 'slowly' | 'never';

/** An expected failure as data; `message` is one or two sentences for people and never matched. */
export interface ClientFailure {
  readonly code: ClientFailureCode;
  readonly message: string;
  readonly retry: Retry;
  /** The server asked to wait at least this long (Retry-After), milliseconds. */
  readonly retryAfterMs?: number;
}

/** A value or an expected failure. */
export type Outcome<T> = Result<T, ClientFailure>;

/** A failed {@link Outcome}. */
export function failed(
  code: ClientFailureCode,
  message: string,
  retry: Retry = 'never',
): { readonly ok: false; readonly error: ClientFailure } {
  return fail({ code, message, retry });
}
