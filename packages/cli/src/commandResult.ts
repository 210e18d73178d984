import { exitCodes, type ExitCode } from './exitCode.js';

/** Codes of failures that the command line itself finds; `docs/errors.md` explains each. */
export const commandFailureCodes = [
  'ADMIN_SERVER_NOT_RUNNING',
  'ADMIN_PERMISSION_DENIED',
  'ADMIN_NO_ANSWER',
  'ADMIN_RESPONSE_INVALID',
  'ADMIN_WEBHOOK_UNDELIVERED',
  'CLI_NOTHING_RUNS',
  'CLI_INVALID_ARGUMENT',
  'CLI_CONFIRMATION_MISSING',
  'CLI_BUG',
] as const;
export type CommandFailureCode = (typeof commandFailureCodes)[number];

/** Why a command failed. `code` is one of {@link commandFailureCodes} or of the package or server that failed. */
export interface CommandFailure {
  readonly code: string;
  /** Whole sentences for people; never matched. */
  readonly message: string;
  readonly exit: ExitCode;
  /** The command has said all this already: only the exit code is left. */
  readonly printed?: true;
}

/** What a command came to, once everything it had to say is printed. */
export type CommandResult<T = void> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: CommandFailure };

/** A command that did what it was asked for. */
export const done: CommandResult = { ok: true, value: undefined };

/** A failure that the command line found itself. */
export function commandFailed(
  code: CommandFailureCode,
  message: string,
  exit: ExitCode = exitCodes.failure,
): { readonly ok: false; readonly error: CommandFailure } {
  return { ok: false, error: { code, message, exit } };
}
