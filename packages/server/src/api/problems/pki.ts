import { pkiErrorCodes, type PkiErrorCode } from '../../pki/pkiError.js';
import type { ProblemStatus, ProblemTable } from './table.js';

const badRequest = [422, 'The certificate request is not acceptable'] as const;

/** What the caller can do nothing about. */
const failed = Object.fromEntries(
  pkiErrorCodes.map((code) => [code, [500, 'The certificate authority failed'] as const]),
) as Readonly<Record<PkiErrorCode, readonly [ProblemStatus, string]>>;

export const pkiProblems = {
  ...failed,
  PKI_BAD_CSR: badRequest,
  PKI_BAD_SIGNATURE: badRequest,
  PKI_WEAK_KEY: badRequest,
  PKI_FOREIGN_NAMES: badRequest,
  PKI_FOREIGN_EXTENSIONS: badRequest,
  PKI_ROLLOVER_UNDER_WAY: [409, 'The last rollover is not over'],
  PKI_AUTHORITY_UNKNOWN: [404, 'There is no such authority in use'],
  PKI_AUTHORITY_ISSUING: [409, 'This authority certifies the clients'],
} as const satisfies ProblemTable;
