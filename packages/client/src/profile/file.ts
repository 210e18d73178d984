import { randomUUID } from 'node:crypto';
import { link, open, readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { failed, type Outcome } from '../failure.js';
import { systemErrorCode, systemErrorText } from '../systemError.js';
import type { Profile } from './profile.js';
import { formatProfile, parseProfile } from './text.js';

/**
 * Reads a profile file. Like a private SSH key it must not be open to others: fails with PROFILE_EXPOSED then, with
 * PROFILE_NOT_FOUND or PROFILE_UNREADABLE, or as {@link parseProfile} does.
 */
export async function readProfile(path: string): Promise<Outcome<Profile>> {
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) {
      return failed(
        'PROFILE_EXPOSED',
        `${path} holds a private key and others may read it (mode ${(mode & 0o777).toString(8).padStart(4, '0')}). Run: chmod 600 ${path}`,
      );
    }
    return parseProfile(await readFile(path, 'utf8'), path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return failed('PROFILE_NOT_FOUND', `There is no file ${path}.`);
    return failed('PROFILE_UNREADABLE', `${path} cannot be read: ${systemErrorText(error)}`);
  }
}

/**
 * A profile file that does not exist yet, but whose place is known to be free and writable: asked for before a
 * client is created on the server, so that no client is left without its profile.
 */
export class ProfileDraft implements AsyncDisposable {
  readonly #path: string;
  readonly #draft: string;

  private constructor(path: string, draft: string) {
    this.#path = path;
    this.#draft = draft;
  }

  /** Fails with PROFILE_EXISTS (nothing is ever overwritten) or PROFILE_UNWRITABLE. */
  static async at(path: string): Promise<Outcome<ProfileDraft>> {
    const draft = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
    try {
      if (await exists(path)) return occupied(path);
      const file = await open(draft, 'wx', 0o600);
      await file.close();
      return { ok: true, value: new ProfileDraft(path, draft) };
    } catch (error) {
      return failed('PROFILE_UNWRITABLE', `${path} cannot be written: ${systemErrorText(error)}`);
    }
  }

  /** Puts the whole file in its place at once, mode 0600; fails as {@link ProfileDraft.at}. */
  async write(profile: Profile): Promise<Outcome<void>> {
    try {
      const file = await open(this.#draft, 'r+');
      try {
        await file.writeFile(formatProfile(profile));
        await file.sync();
      } finally {
        await file.close();
      }
      // Unlike a rename, a link never replaces a file that appeared in the meantime.
      await link(this.#draft, this.#path);
      return { ok: true, value: undefined };
    } catch (error) {
      if (systemErrorCode(error) === 'EEXIST') return occupied(this.#path);
      return failed('PROFILE_UNWRITABLE', `${this.#path} cannot be written: ${systemErrorText(error)}`);
    }
  }

  /** Removes what is not part of a finished profile. */
  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#draft, { force: true });
  }
}

function occupied(path: string): ReturnType<typeof failed> {
  return failed(
    'PROFILE_EXISTS',
    `${path} exists already and is never overwritten. Choose another file with --out.`,
  );
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
