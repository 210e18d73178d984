/** Stable codes of what can be wrong with a configuration; `docs/errors.md` explains each. */
export const configProblemCodes = [
  'CONFIG_FILE_MISSING',
  'CONFIG_FILE_UNREADABLE',
  'CONFIG_SYNTAX',
  'CONFIG_UNKNOWN_KEY',
  'CONFIG_WRONG_TYPE',
  'CONFIG_OUT_OF_RANGE',
  'CONFIG_BAD_VALUE',
  'CONFIG_BAD_ADDRESS',
  'CONFIG_BAD_PREFIX',
  'CONFIG_HOST_BITS_SET',
  'CONFIG_WRONG_FAMILY',
  'CONFIG_POOL_MISSING',
  'CONFIG_POOL_OVERLAP',
  'CONFIG_POOL_TOO_SMALL',
  'CONFIG_POOL_UNUSABLE',
  'CONFIG_MTU_TOO_SMALL',
  'CONFIG_BAD_TUNNEL_NAME',
  'CONFIG_BAD_TEMPLATE',
  'CONFIG_BAD_STORE_URL',
  'CONFIG_SECRET_EXPOSED',
] as const;
export type ConfigProblemCode = (typeof configProblemCodes)[number];

/** One thing that is wrong with the configuration, where it is, and what to write instead. */
export interface ConfigProblem {
  readonly code: ConfigProblemCode;
  /** The file as the user named it; `command line` for an override. */
  readonly file: string;
  /** From 1; null where there is no place in the file (a missing file, an override). */
  readonly line: number | null;
  /** From 1, in UTF-16 code units; null where `line` is. */
  readonly column: number | null;
  /** Key path, `pool.ipv4[0]`; empty for the file as a whole. */
  readonly path: string;
  /** What is wrong, one sentence without a final period. */
  readonly message: string;
  /** What to write or do instead. */
  readonly suggestion: string;
}

/** The problems as lines for people: `server.toml:3:8: pool.ipv4[0]: … (CODE)` and an indented suggestion. */
export function formatProblems(problems: readonly ConfigProblem[]): string {
  return problems.map(formatProblem).join('\n');
}

function formatProblem(problem: ConfigProblem): string {
  const place =
    problem.line === null ? problem.file : `${problem.file}:${problem.line}:${problem.column ?? 1}`;
  const subject = problem.path === '' ? '' : `${problem.path}: `;
  return `${place}: ${subject}${problem.message} (${problem.code})\n    ${problem.suggestion}`;
}
