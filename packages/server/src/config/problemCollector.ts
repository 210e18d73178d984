import type { ConfigProblem, ConfigProblemCode } from './problem.js';
import { formatKeyPath, type KeyPath, type Positions } from './positions.js';

/** What is wrong and what to write, before it is known where. */
export interface Finding {
  readonly code: ConfigProblemCode;
  readonly path: KeyPath;
  /** The key itself is wrong, not its value. */
  readonly atKey?: boolean;
  readonly message: string;
  readonly suggestion: string;
}

/** Collects findings and says where they stand: in the file, or on the command line that overrides it. */
export class ProblemCollector {
  readonly #file: string;
  readonly #positions: Positions | null;
  readonly #overridden: ReadonlySet<string>;
  readonly #problems: ConfigProblem[] = [];

  /** @param overridden key paths whose value does not come from the file. */
  constructor(file: string, positions: Positions | null, overridden: ReadonlySet<string>) {
    this.#file = file;
    this.#positions = positions;
    this.#overridden = overridden;
  }

  report(finding: Finding): void {
    const { code, path, message, suggestion } = finding;
    const overridden = this.#overridden.has(formatKeyPath(path.slice(0, 2)));
    const position = overridden
      ? null
      : finding.atKey === true
        ? this.#positions?.ofKey(path)
        : this.#positions?.ofValue(path);
    this.#problems.push({
      code,
      file: overridden ? 'command line' : this.#file,
      line: position?.line ?? null,
      column: position?.column ?? null,
      path: formatKeyPath(path),
      message,
      suggestion,
    });
  }

  /** In the order of the file. */
  get problems(): readonly ConfigProblem[] {
    return this.#problems.toSorted(
      (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
    );
  }
}
