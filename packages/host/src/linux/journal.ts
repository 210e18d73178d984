import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { z } from 'zod';

import { failed, succeeded, type HostResult } from '../result.js';
import { isRunning, type Owner } from './owner.js';
import { JournalFile, emptyRecord, type ChangeRecord } from './record.js';

/** What a claimed journal said about its last owner. */
export interface Leftover {
  readonly record: ChangeRecord;
  /** What could not be used and why; null when the record is usable (or empty). */
  readonly ignored: string | null;
}

/**
 * The file that remembers changes while they are in place: mode 0600, replaced by rename, so it is never half
 * written. It exists as long as its owner does; the next owner takes over what it says.
 */
export class Journal {
  readonly #path: string;
  readonly #owner: Owner;

  private constructor(path: string, owner: Owner) {
    this.#path = path;
    this.#owner = owner;
  }

  /**
   * Claims the file for `owner` and returns what a dead owner left.
   * HOST_BUSY: its owner runs. HOST_JOURNAL_FAILED: the file cannot be written.
   */
  static async claim(
    path: string,
    owner: Owner,
  ): Promise<HostResult<{ readonly journal: Journal; readonly leftover: Leftover }>> {
    const journal = new Journal(path, owner);
    try {
      if (await journal.#create()) {
        return succeeded({ journal, leftover: { record: emptyRecord, ignored: null } });
      }
      const found = await journal.#read();
      if (found !== null && (await isOtherAndRunning(found.owner, owner))) {
        return failed('HOST_BUSY', `process ${found.owner.pid} already owns the changes recorded in ${path}`);
      }
      const leftover = usable(found, owner, path);
      const written = await journal.write(leftover.record);
      return written.ok ? succeeded({ journal, leftover }) : written;
    } catch (error) {
      return journalFailed(path, error);
    }
  }

  /** Replaces the record on disk. */
  async write(record: ChangeRecord): Promise<HostResult<void>> {
    const temporary = this.#temporary();
    try {
      await writeFile(temporary, this.#text(record), { mode: 0o600 });
      await rename(temporary, this.#path);
      return succeeded(undefined);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      return journalFailed(this.#path, error);
    }
  }

  /** Removes the file: nothing is changed and nobody owns it. */
  async release(): Promise<HostResult<void>> {
    try {
      await rm(this.#path, { force: true });
      return succeeded(undefined);
    } catch (error) {
      return journalFailed(this.#path, error);
    }
  }

  /** Creates the file unless it exists; linking a complete file makes that one atomic step. */
  async #create(): Promise<boolean> {
    const temporary = this.#temporary();
    try {
      await writeFile(temporary, this.#text(emptyRecord), { mode: 0o600 });
      await link(temporary, this.#path);
      return true;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
      throw error;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async #read(): Promise<z.infer<typeof JournalFile> | null> {
    const text = await readFile(this.#path, 'utf8');
    try {
      return JournalFile.parse(JSON.parse(text));
    } catch {
      return null;
    }
  }

  #text(record: ChangeRecord): string {
    return `${JSON.stringify({ version: 1, owner: this.#owner, ...record }, null, 2)}\n`;
  }

  #temporary(): string {
    return `${this.#path}.${this.#owner.pid}`;
  }
}

/** A process may claim its own journal again: the caller knows that the earlier use has ended. */
async function isOtherAndRunning(found: Owner, own: Owner): Promise<boolean> {
  if (found.bootId !== own.bootId) return false;
  if (found.pid === own.pid && found.startTicks === own.startTicks) return false;
  return isRunning(found.pid, found.startTicks);
}

function usable(found: z.infer<typeof JournalFile> | null, own: Owner, path: string): Leftover {
  if (found === null) {
    return { record: emptyRecord, ignored: `${path} is not a journal of this version; it was replaced` };
  }
  const { owner, link, routes, rules, nft, sysctls } = found;
  if (owner.bootId !== own.bootId) return { record: emptyRecord, ignored: null };
  if (owner.networkNamespace !== own.networkNamespace) {
    const ignored = `${path} belongs to another network namespace (${owner.networkNamespace}); nothing was undone`;
    return { record: emptyRecord, ignored };
  }
  return { record: { link, routes, rules, nft, sysctls }, ignored: null };
}

function journalFailed(path: string, error: unknown): ReturnType<typeof failed> {
  const reason = error instanceof Error ? error.message : String(error);
  return failed('HOST_JOURNAL_FAILED', `cannot keep the record of host changes in ${path}: ${reason}`);
}
