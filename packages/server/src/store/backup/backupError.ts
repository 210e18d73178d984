/** Stable codes of backups that cannot be made or restored; `docs/errors.md` explains each. */
export const backupErrorCodes = [
  'BACKUP_UNREADABLE',
  'BACKUP_UNWRITABLE',
  'BACKUP_FILE_EXISTS',
  'BACKUP_DAMAGED',
  'BACKUP_NEWER_VERSION',
  'BACKUP_TARGET_NOT_EMPTY',
] as const;
export type BackupErrorCode = (typeof backupErrorCodes)[number];

/** Thrown inside of `backup/`, a value outside: nothing was changed. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
  constructor(
    readonly code: BackupErrorCode,
    /** What happened and what to do, for people. */
    message: string,
  ) {
    super(message);
  }
}
