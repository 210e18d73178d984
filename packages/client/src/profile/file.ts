import { readFile, stat } from 'node:fs/promises';
import { failed, type Outcome } from '../failure.js';
import { systemErrorCode, systemErrorText } from '../systemError.js';
import type { Profile } from './profile.js';
import { parseProfile } from './text.js';

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
