import type { Profile } from './profile.js';
import { valueRange } from './position.js';
import { block, formatProfile, parseProfile } from './text.js';

/** What a renewal replaces in a profile; everything else is its owner's. */
export type Credentials = Pick<Profile, 'ca' | 'systemRoots' | 'certificate' | 'privateKey'>;

/** A profile with other credentials. */
export function renewed(
  profile: Profile,
  { ca, systemRoots, certificate, privateKey }: Credentials,
): Profile {
  return { ...profile, ca, systemRoots, certificate, privateKey };
}

/**
 * The text of a profile file with other credentials: comments, order and everything else stay as they were written.
 * A text that cannot be changed in place is written anew; `profile` is what it says now.
 */
export function withCredentials(text: string, profile: Profile, credentials: Credentials): string {
  const wanted = renewed(profile, credentials);
  const changed = inPlace(text, credentials);
  const read = changed === null ? null : parseProfile(changed, 'profile');
  return changed !== null && read?.ok === true && isSame(read.value, wanted)
    ? changed
    : formatProfile(wanted);
}

function inPlace(text: string, credentials: Credentials): string | null {
  const values: [key: string, value: string][] = [
    ['ca', block(credentials.ca)],
    ['certificate', block(credentials.certificate)],
    ['private_key', block(credentials.privateKey)],
  ];
  const hasSystemRoots = valueRange(text, 'system_roots') !== null;
  if (hasSystemRoots) values.push(['system_roots', String(credentials.systemRoots)]);
  let changed = text;
  for (const [key, value] of values) {
    const range = valueRange(changed, key);
    if (range === null) return null;
    const before =
      key === 'ca' && credentials.systemRoots && !hasSystemRoots ? `${value}\nsystem_roots = true` : value;
    changed = `${changed.slice(0, range[0])}${before}${changed.slice(range[1])}`;
  }
  return changed;
}

function isSame(read: Profile, wanted: Profile): boolean {
  return formatProfile(read) === formatProfile(wanted);
}
