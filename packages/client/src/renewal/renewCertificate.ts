import { createPrivateKey, X509Certificate } from 'node:crypto';
import { ENROLMENT_PATHS } from '@masque-vpn/protocol';
import { makeClientKey } from '../enrolment/clientKey.js';
import type { Credentials } from '../profile/credentials.js';
import type { Profile } from '../profile/profile.js';
import { exchange } from '../publicPort/exchange.js';
import { exchangeFailed, type ExchangeOutcome } from '../publicPort/portFailure.js';
import { anchorsOf, portName, type PublicPort } from '../publicPort/publicPort.js';

/**
 * Asks the server for the next certificate, for a new key, with the present one as proof (mutual TLS). The answer
 * also says by which authorities the server is known from now on. Fails with the codes of {@link exchange}, or with
 * SERVER_RESPONSE_INVALID; `now` is UTC milliseconds.
 */
export async function renewCertificate(
  profile: Profile,
  port: PublicPort,
  now: number,
  signal: AbortSignal,
): Promise<ExchangeOutcome<Credentials>> {
  const key = await makeClientKey(profile.client);
  const answer = await exchange(
    port,
    {
      path: ENROLMENT_PATHS.renew,
      body: { csrPem: key.csrPem },
      anchors: anchorsOf(profile.ca, profile.systemRoots),
      identity: profile,
    },
    now,
    signal,
  );
  if (!answer.ok) return answer;
  const { clientId, certificatePem, serverTrust } = answer.value;
  const credentials = {
    ca: serverTrust.anchorsPem,
    systemRoots: serverTrust.system,
    certificate: certificatePem,
    privateKey: key.privateKeyPem,
  };
  if (clientId === profile.client && isUsable(credentials)) return { ok: true, value: credentials };
  return exchangeFailed(
    'SERVER_RESPONSE_INVALID',
    `${portName(port)} answered with a certificate that cannot be used. The present one stays.`,
    'slowly',
  );
}

/** Whether certificate and key belong together, and the trust anchors can be read. */
function isUsable({ ca, certificate, privateKey }: Credentials): boolean {
  try {
    new X509Certificate(ca);
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(privateKey));
  } catch {
    return false;
  }
}
