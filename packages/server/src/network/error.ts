import type { HostErrorCode } from '@masque-vpn/host';

/** Stable codes of why there is no tunnel interface, besides those of the host; `docs/errors.md` explains each. */
export const networkErrorCodes = [
  /** A pool overlaps a network this host already reaches by another interface. */
  'NETWORK_POOL_CONFLICT',
  'TUN_BUSY',
  'TUN_FAILED',
  'TUN_MISSING',
  'TUN_PERMISSION_DENIED',
] as const;
export type NetworkErrorCode = (typeof networkErrorCodes)[number] | HostErrorCode;

/** An expected failure as data; `message` says what to do, for people, and is never matched. */
export interface NetworkError {
  readonly code: NetworkErrorCode;
  readonly message: string;
}

/** Success or an expected failure. */
export type NetworkResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: NetworkError };
