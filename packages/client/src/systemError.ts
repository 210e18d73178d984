/** The errno name of a failed system call, such as `ENOENT`; null for any other value. */
export function systemErrorCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** What a failed system call says for people; an error of another kind says its message. */
export function systemErrorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
