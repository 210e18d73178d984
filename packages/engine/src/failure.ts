/** Stable codes of engine failures; `docs/errors.md` explains each. */
export const engineErrorCodes = [
  'ENGINE_MISSING',
  'ENGINE_CLOSED',
  'ENGINE_INVALID_ARGUMENT',
  'ENGINE_INVALID_CERTIFICATE',
  'ENGINE_ADDRESS_IN_USE',
  'ENGINE_ADDRESS_UNAVAILABLE',
  'ENGINE_PERMISSION_DENIED',
  'ENGINE_TUN_MISSING',
  'ENGINE_TUN_BUSY',
  'ENGINE_RESOURCE_EXHAUSTED',
  'ENGINE_IO',
] as const;
export type EngineErrorCode = (typeof engineErrorCodes)[number];

/** An expected failure as data; `message` is for people and never matched. */
export interface EngineError {
  readonly code: EngineErrorCode;
  readonly message: string;
}

/** Success or an expected failure. */
export type EngineResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: EngineError };
