import { join } from 'node:path';
import { z } from 'zod';
import { readIfPresent, writeAtomically } from '../privateFile.js';

/** What is remembered of orders over restarts, so that no restart asks the authority again before its time. */
export interface Attempts {
  /** What was asked for: another directory or other names begin anew. */
  readonly subject: string;
  /** What the certificate in use was issued for; null: there is none. */
  readonly issued: string | null;
  /** In a row. */
  readonly failures: number;
  /** UTC milliseconds. */
  readonly nextAttemptMs: number;
}

/** After the first failure, milliseconds; doubled with each until the second, half a day. */
const firstBackoffMs = 10 * 60_000;
export const mostBackoffMs = 12 * 3_600_000;

/** How long to wait after so many failures in a row, milliseconds. */
export function backoffMs(failures: number): number {
  return Math.min(firstBackoffMs * 2 ** Math.min(failures - 1, 20), mostBackoffMs);
}

const schema = z.object({
  subject: z.string(),
  issued: z.string().nullable(),
  failures: z.int().min(0),
  nextAttemptMs: z.number(),
});

/** `acme.json` of the state folder. */
export class AttemptsFile {
  readonly #path: string;

  constructor(directory: string) {
    this.#path = join(directory, 'acme.json');
  }

  /** Null: nothing was tried yet, or the file is damaged. Throws the system's error. */
  async read(): Promise<Attempts | null> {
    const text = await readIfPresent(this.#path);
    if (text === null) return null;
    try {
      return schema.parse(JSON.parse(text));
    } catch {
      return null;
    }
  }

  /** Throws the system's error. */
  async write(attempts: Attempts): Promise<void> {
    await writeAtomically(this.#path, `${JSON.stringify(attempts)}\n`, 0o600);
  }
}
