import { randomUUID } from 'node:crypto';
import { link, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { failed, type Outcome } from '../failure.js';
import { systemErrorCode, systemErrorText } from '../systemError.js';
import type { Profile } from './profile.js';
import { formatProfile } from './text.js';

/** How a draft is placed. */
export interface DraftOptions {
  /** Take the place of a file that is there already; default: never. */
  readonly replace?: boolean;
}

/**
 * A profile file that does not exist yet, but whose place is known to be free and writable: asked for before a
 * client is created or certified on the server, so that no client is left without its profile.
 */
export class ProfileDraft implements AsyncDisposable {
  readonly #draft: string;
  readonly #replace: boolean;

  private constructor(draft: string, replace: boolean) {
    this.#draft = draft;
    this.#replace = replace;
  }

  /** A draft for this place. Fails with PROFILE_EXISTS (unless told to replace) or PROFILE_UNWRITABLE. */
  static async at(path: string, { replace = false }: DraftOptions = {}): Promise<Outcome<ProfileDraft>> {
    try {
      if (!replace && (await exists(path))) return occupied(path);
      return { ok: true, value: await ProfileDraft.#open(dirname(path), basename(path), replace) };
    } catch (error) {
      return unwritable(path, error);
    }
  }

  /** A draft for a place in this directory whose name is not known yet. Fails with PROFILE_UNWRITABLE. */
  static async in(directory: string, { replace = false }: DraftOptions = {}): Promise<Outcome<ProfileDraft>> {
    try {
      return { ok: true, value: await ProfileDraft.#open(directory, 'profile', replace) };
    } catch (error) {
      return unwritable(directory, error);
    }
  }

  static async #open(directory: string, name: string, replace: boolean): Promise<ProfileDraft> {
    const draft = join(directory, `.${name}.${randomUUID()}`);
    const file = await open(draft, 'wx', 0o600);
    await file.close();
    return new ProfileDraft(draft, replace);
  }

  /** Puts the whole file at `path`, in the draft's directory, at once and mode 0600; fails as {@link ProfileDraft.at}. */
  async write(path: string, profile: Profile): Promise<Outcome<void>> {
    try {
      const file = await open(this.#draft, 'r+');
      try {
        await file.writeFile(formatProfile(profile));
        await file.sync();
      } finally {
        await file.close();
      }
      // Unlike a rename, a link never replaces a file that appeared in the meantime.
      if (this.#replace) await rename(this.#draft, path);
      else await link(this.#draft, path);
      return { ok: true, value: undefined };
    } catch (error) {
      return systemErrorCode(error) === 'EEXIST' ? occupied(path) : unwritable(path, error);
    }
  }

  /** Removes what is not part of a finished profile. */
  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#draft, { force: true });
  }
}

function occupied(path: string): ReturnType<typeof failed> {
  return failed('PROFILE_EXISTS', `${path} exists already. Choose another file with --out.`);
}

function unwritable(path: string, error: unknown): ReturnType<typeof failed> {
  return failed('PROFILE_UNWRITABLE', `${path} cannot be written: ${systemErrorText(error)}`);
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
