import { randomUUID } from 'node:crypto';
import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { failed, type Outcome } from '../failure.js';
import { systemErrorText } from '../systemError.js';
import { type Credentials, renewed, withCredentials } from './credentials.js';
import type { Profile } from './profile.js';
import { parseProfile } from './text.js';

/**
 * The next version of a profile file: opened before new credentials are asked for, so that none are made that could
 * not be kept. The file itself is untouched until the new one is whole.
 */
export class ProfileReplacement implements AsyncDisposable {
  readonly #path: string;
  readonly #draft: string;

  private constructor(path: string, draft: string) {
    this.#path = path;
    this.#draft = draft;
  }

  /** Fails with PROFILE_UNWRITABLE. */
  static async of(path: string): Promise<Outcome<ProfileReplacement>> {
    try {
      // A link stays a link: what it leads to is replaced.
      const place = await realpath(path);
      const { uid, gid } = await stat(place);
      const draft = join(dirname(place), `.${basename(place)}.${randomUUID()}`);
      const file = await open(draft, 'wx', 0o600);
      try {
        if (process.geteuid?.() === 0) await file.chown(uid, gid);
      } finally {
        await file.close();
      }
      return { ok: true, value: new ProfileReplacement(place, draft) };
    } catch (error) {
      return unwritable(path, error);
    }
  }

  /**
   * Puts the file with other credentials in its place at once, as it is by then: what its owner changed meanwhile
   * stays. Returns the profile it now holds. Fails with PROFILE_UNWRITABLE, or as {@link parseProfile} does.
   */
  async write(credentials: Credentials): Promise<Outcome<Profile>> {
    try {
      const text = await readFile(this.#path, 'utf8');
      const profile = parseProfile(text, this.#path);
      if (!profile.ok) return profile;
      const file = await open(this.#draft, 'r+');
      try {
        await file.writeFile(withCredentials(text, profile.value, credentials));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(this.#draft, this.#path);
      await syncDirectory(dirname(this.#path));
      return { ok: true, value: renewed(profile.value, credentials) };
    } catch (error) {
      return unwritable(this.#path, error);
    }
  }

  /** Removes what did not become the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#draft, { force: true });
  }
}

/** After this the new file survives a power cut under its name. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function unwritable(path: string, error: unknown): ReturnType<typeof failed> {
  return failed('PROFILE_UNWRITABLE', `${path} cannot be replaced: ${systemErrorText(error)}.`);
}
