import type { Clock } from '../clock.js';
import type { Profile } from '../profile/profile.js';
import { ProfileReplacement } from '../profile/replacement.js';
import type { ExchangeOutcome } from '../publicPort/portFailure.js';
import type { PublicPort } from '../publicPort/publicPort.js';
import { renewCertificate } from './renewCertificate.js';

/**
 * Renews the certificate of a profile and replaces the file `path` as one; until then it stays as it was, and its
 * key is good. Returns the profile the file now holds. Fails with PROFILE_UNWRITABLE, before the server is asked if
 * possible, or as {@link renewCertificate} does.
 */
export async function renewProfile(
  path: string,
  profile: Profile,
  port: PublicPort,
  clock: Pick<Clock, 'now'>,
  signal: AbortSignal,
): Promise<ExchangeOutcome<Profile>> {
  const opened = await ProfileReplacement.of(path);
  if (!opened.ok) return { ok: false, error: { ...opened.error, status: null } };
  await using replacement = opened.value;
  const credentials = await renewCertificate(profile, port, clock.now(), signal);
  if (!credentials.ok) return credentials;
  const written = await replacement.write(credentials.value);
  return written.ok ? written : { ok: false, error: { ...written.error, status: null } };
}
