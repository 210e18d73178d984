import type { Logger } from 'pino';
import { checkCertificate } from './certificate.js';
import { renewed } from './credentials.js';
import { readProfile } from './file.js';
import type { Profile } from './profile.js';

/**
 * The profile that a running client works with. Its credentials change while it runs, by renewal or because somebody
 * put new ones into the file; everything else stays as it was at the start.
 */
export class ProfileInUse {
  #profile: Profile;
  /** Where it is from; null when it is from no file, and then it never changes. */
  readonly path: string | null;
  readonly #log: Logger;

  constructor(profile: Profile, path: string | null, log: Logger) {
    this.#profile = profile;
    this.path = path;
    this.#log = log;
  }

  get current(): Profile {
    return this.#profile;
  }

  /** Uses these credentials from the next connection on. */
  adopt(credentials: Profile): void {
    this.#profile = renewed(this.#profile, credentials);
  }

  /** Takes a later certificate out of the file; returns whether there was one. A file that cannot be used changes nothing. */
  async refresh(): Promise<boolean> {
    if (this.path === null) return false;
    const read = await readProfile(this.path);
    if (!read.ok) {
      this.#log.debug({ reason: read.error.code }, read.error.message);
      return false;
    }
    if (read.value.client !== this.#profile.client || expiryOf(read.value) <= expiryOf(this.#profile)) {
      return false;
    }
    this.adopt(read.value);
    return true;
  }
}

/** End of a profile's certificate, UTC milliseconds; -Infinity for one that is unusable. */
function expiryOf(profile: Profile): number {
  const checked = checkCertificate(profile, null);
  return checked.ok ? checked.value.expiresAt : -Infinity;
}
