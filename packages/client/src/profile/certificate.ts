import { createPrivateKey, X509Certificate } from 'node:crypto';
import { failed, type Outcome } from '../failure.js';
import type { Profile } from './profile.js';

/** What a profile's certificate says, once checked. */
export interface ProfileCertificate {
  /** UTC milliseconds, as the next. */
  readonly validFrom: number;
  readonly expiresAt: number;
}

/**
 * Checks the certificate against the clock and its key before anybody is asked, because a TLS alert says much less.
 * Fails with PROFILE_CERTIFICATE_INVALID, …_EXPIRED or …_NOT_YET_VALID; `now` is UTC milliseconds, null for
 * whatever the clock says.
 */
export function checkCertificate(profile: Profile, now: number | null): Outcome<ProfileCertificate> {
  let leaf: X509Certificate;
  let matches: boolean;
  try {
    leaf = new X509Certificate(profile.certificate);
    matches = leaf.checkPrivateKey(createPrivateKey(profile.privateKey));
  } catch {
    return failed(
      'PROFILE_CERTIFICATE_INVALID',
      'The certificate or the private key in the profile cannot be decoded. Ask for a new profile.',
    );
  }
  if (!matches) {
    return failed(
      'PROFILE_CERTIFICATE_INVALID',
      'The private key in the profile does not belong to its certificate. Ask for a new profile.',
    );
  }
  const validFrom = Date.parse(leaf.validFrom);
  const expiresAt = Date.parse(leaf.validTo);
  if (now !== null && now < validFrom) {
    return failed(
      'PROFILE_CERTIFICATE_NOT_YET_VALID',
      `The certificate of ${profile.client} is valid from ${day(validFrom)}, but this machine’s clock says ${day(now)}. Check the clock.`,
    );
  }
  if (now !== null && now >= expiresAt) {
    return failed(
      'PROFILE_CERTIFICATE_EXPIRED',
      `The certificate of ${profile.client} expired on ${day(expiresAt)}. Check this machine’s clock (${day(now)}); if it is right, ask the server’s owner for a new enrolment link, and run: masque-vpn enroll LINK --out PROFILE --force`,
    );
  }
  return { ok: true, value: { validFrom, expiresAt } };
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
