import type { EnrolmentTools } from '../enrolment/enrol.js';
import { checkCertificate } from '../profile/certificate.js';
import { readProfile } from '../profile/file.js';
import type { Profile } from '../profile/profile.js';
import type { Outcome } from '../failure.js';
import type { ExchangeOutcome } from '../publicPort/portFailure.js';
import type { PublicPort } from '../publicPort/publicPort.js';
import { addressesOf } from '../transport/resolve.js';
import { serverOf } from '../transport/server.js';
import { renewProfile } from './renewProfile.js';

/** A profile with a fresh certificate. */
export interface RenewedProfile {
  readonly profile: Profile;
  /** End of its certificate, UTC milliseconds. */
  readonly notAfterMs: number;
}

/**
 * Renews the certificate of a profile file at once, whatever is left of it. A client that runs with that profile uses
 * it from its next connection on. Fails as {@link readProfile}, {@link checkCertificate} and {@link renewProfile} do.
 */
export async function renewNow(
  path: string,
  { resolve, clock }: EnrolmentTools,
  signal: AbortSignal,
): Promise<ExchangeOutcome<RenewedProfile>> {
  const found = await place(path, { resolve, clock });
  if (!found.ok) return { ok: false, error: { ...found.error, status: null } };
  const renewed = await renewProfile(path, found.value.profile, found.value.port, clock, signal);
  if (!renewed.ok) return renewed;
  const certificate = checkCertificate(renewed.value, null);
  const notAfterMs = certificate.ok ? certificate.value.expiresAt : 0;
  return { ok: true, value: { profile: renewed.value, notAfterMs } };
}

async function place(
  path: string,
  { resolve, clock }: EnrolmentTools,
): Promise<Outcome<{ readonly profile: Profile; readonly port: PublicPort }>> {
  const profile = await readProfile(path);
  if (!profile.ok) return profile;
  const usable = checkCertificate(profile.value, clock.now());
  if (!usable.ok) return usable;
  const server = serverOf(profile.value);
  if (!server.ok) return server;
  const addresses = await addressesOf(server.value.host, resolve);
  if (!addresses.ok) return addresses;
  const { certificateName: host, port } = server.value;
  return { ok: true, value: { profile: profile.value, port: { host, port, addresses: addresses.value } } };
}
