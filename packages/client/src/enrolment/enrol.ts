import { type Certified, ENROLMENT_PATHS, type EnrolmentLink } from '@masque-vpn/protocol';
import { type Clock, pause } from '../clock.js';
import { checkCertificate } from '../profile/certificate.js';
import { defaultTunnel, type Profile } from '../profile/profile.js';
import { formatProfile, parseProfile } from '../profile/text.js';
import { exchange } from '../publicPort/exchange.js';
import { pinnedAnchors } from '../publicPort/pinnedAnchors.js';
import { exchangeFailed, type ExchangeOutcome } from '../publicPort/portFailure.js';
import { portName, type PublicPort } from '../publicPort/publicPort.js';
import { addressesOf, type Resolve } from '../transport/resolve.js';
import { serverOf } from '../transport/server.js';
import { makeClientKey } from './clientKey.js';

export interface EnrolmentTools {
  readonly resolve: Resolve;
  readonly clock: Clock;
}

/** What came of a link. */
export interface Enrolled {
  /** Complete, with the only copy of its private key. */
  readonly profile: Profile;
  /** End of the certificate, UTC milliseconds. */
  readonly notAfterMs: number;
  /** How far this machine's clock is ahead of the server's, milliseconds; negative when it is behind. */
  readonly clockAheadMs: number;
}

/** A repeated redemption with the same key is answered again, so a lost answer costs nothing. */
const attempts = 3;
const betweenAttemptsMs = 1_000;

/**
 * Redeems a link: makes a key that never leaves this process but in the returned profile, and has it certified.
 * The secret is sent only to a server that has proven, in this order, to present a certificate with the link's
 * fingerprint, to lead to it, and to be valid for the link's host. The profile leads to that host as well: whoever made
 * the link chose it for this client, and it works from here. Fails with SERVER_NAME_UNRESOLVED, with the codes
 * of {@link pinnedAnchors} and {@link exchange}, or with SERVER_RESPONSE_INVALID.
 */
export async function enrol(
  link: EnrolmentLink,
  { resolve, clock }: EnrolmentTools,
  signal: AbortSignal,
): Promise<ExchangeOutcome<Enrolled>> {
  const addresses = await addressesOf(link.host, resolve);
  if (!addresses.ok) return { ok: false, error: { ...addresses.error, status: null } };
  const port: PublicPort = { host: link.host, port: link.port, addresses: addresses.value };
  const anchors = await pinnedAnchors(port, link.trust, clock.now(), signal);
  if (!anchors.ok) return anchors;
  // The server gives the client its name; the request's is not used.
  const key = await makeClientKey('masque-vpn');
  const request = {
    path: ENROLMENT_PATHS.redeem,
    body: { secret: link.secret, csrPem: key.csrPem },
    anchors: anchors.value,
    identity: null,
  };
  for (let attempt = 1; ; attempt += 1) {
    const answer = await exchange(port, request, clock.now(), signal);
    if (answer.ok) return enrolled(answer.value, key.privateKeyPem, port, clock);
    const isLost = answer.error.status === null && answer.error.retry === 'soon';
    if (!isLost || attempt === attempts) return answer;
    if (!(await pause(clock, betweenAttemptsMs, signal))) return answer;
  }
}

function enrolled(
  certified: Certified,
  privateKey: string,
  port: PublicPort,
  clock: Clock,
): ExchangeOutcome<Enrolled> {
  const profile: Profile = {
    client: certified.clientId,
    url: certified.url.replace(/^https:\/\/[^/]*/i, `https://${portName(port)}`),
    address: null,
    ca: certified.serverTrust.anchorsPem,
    systemRoots: certified.serverTrust.system,
    certificate: certified.certificatePem,
    privateKey,
    tunnel: defaultTunnel,
  };
  const problem = profileProblem(profile);
  if (problem !== null) {
    const message = `The answer of ${portName(port)} makes no profile: ${problem}`;
    return exchangeFailed('SERVER_RESPONSE_INVALID', message);
  }
  const { notAfterMs, serverTimeMs } = certified;
  return { ok: true, value: { profile, notAfterMs, clockAheadMs: clock.now() - serverTimeMs } };
}

/** What keeps an answer from becoming a profile: the name becomes one of files and interfaces. Null if nothing does. */
function profileProblem(profile: Profile): string | null {
  const read = parseProfile(formatProfile(profile), 'profile');
  if (!read.ok) return read.error.message;
  const server = serverOf(read.value);
  if (!server.ok) return server.error.message;
  const certificate = checkCertificate(read.value, null);
  return certificate.ok ? null : certificate.error.message;
}
