import { fail } from '@masque-vpn/protocol';
import type { PkiErrorCode } from '../pki/pkiError.js';
import type { PolicyFailure } from '../policy/failure.js';

/** Why a client or certificate was not created or changed; `docs/errors.md` explains each. */
export const clientFailureCodes = ['CLIENT_EXISTS', 'CLIENT_NOT_FOUND', 'CERTIFICATE_NOT_FOUND'] as const;
export type ClientFailureCode = (typeof clientFailureCodes)[number];

export interface ClientFailure {
  readonly code: ClientFailureCode | PkiErrorCode | PolicyFailure['code'];
  readonly message: string;
}

export interface Failed {
  readonly ok: false;
  readonly error: ClientFailure;
}

export function clientExists(slug: string): Failed {
  return fail({ code: 'CLIENT_EXISTS', message: `there is a client "${slug}" already` });
}

export function clientNotFound(slug: string): Failed {
  return fail({ code: 'CLIENT_NOT_FOUND', message: `there is no client "${slug}"` });
}

export function changedMeanwhile(version: number): Failed {
  return fail({
    code: 'API_VERSION_CONFLICT',
    message: `it has version ${version} by now; read it again, then repeat the change with If-Match: "${version}"`,
  });
}
