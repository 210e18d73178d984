import { ok, type Certified, type Redemption, type Result } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import type { ClientDirectory } from '../clients/directory.js';
import type { Publisher } from '../events/feed.js';
import type { Authorities } from '../pki/authorities.js';
import type { ClientCertificate } from '../pki/authority.js';
import { attempt } from '../store/attempt.js';
import type { ClientRecord } from '../store/clients.js';
import type { EnrolmentRecord } from '../store/enrolments.js';
import type { Repositories } from '../store/repositories.js';
import type { Store } from '../store/store.js';
import type { ClientBriefing } from './endpoint.js';
import { enrolmentFailed, type EnrolmentFailure, type RefusedHolderCode } from './enrolmentFailure.js';
import { secretSha256 } from './enrolments.js';

/** How long the owner of the same key may redeem a link again, milliseconds: answers get lost. */
const repeatableMs = 10 * 60_000;

export interface CertificationOptions {
  readonly store: Pick<Store, 'atomically' | 'enrolments' | 'clients'>;
  readonly directory: Pick<ClientDirectory, 'identify' | 'putCertificate'>;
  readonly authorities: Pick<Authorities, 'issueClientCertificate'>;
  readonly briefing: ClientBriefing;
  readonly feed: Publisher;
  readonly clock: { now(): number };
  readonly logger: Logger;
}

/** Certificates that clients get for themselves. Every method throws `StoreError`. */
export class Certification {
  readonly #options: CertificationOptions;

  constructor(options: CertificationOptions) {
    this.#options = options;
  }

  /**
   * Redeems a link: once, whoever comes first; but again within ten minutes for the owner of the same key. A refused
   * request leaves the link as it was. Codes: ENROLMENT_UNKNOWN, ENROLMENT_USED, ENROLMENT_EXPIRED,
   * ENROLMENT_REVOKED, CLIENT_DISABLED, CLIENT_EXPIRED and those of `keyOfCsr`.
   *
   * @param from the sender's IP address
   */
  async redeem(redemption: Redemption, from: string): Promise<Result<Certified, EnrolmentFailure>> {
    const { store, authorities, clock, logger } = this.#options;
    const { secret, csrPem, instance } = redemption;
    const now = Math.trunc(clock.now());
    const enrolment = await store.enrolments.findBySecret(secretSha256(secret));
    const client = enrolment === null ? null : await store.clients.findByUuid(enrolment.clientUuid);
    if (enrolment === null || client === null) {
      return enrolmentFailed('ENROLMENT_UNKNOWN', 'No enrolment link of this server has this secret.');
    }
    const refusal = clientRefusal(client, now);
    if (refusal !== null) return enrolmentFailed(...refusal);
    // Worth no signature: redeemed too long ago, expired or revoked.
    const closed = closedReason(enrolment, now);
    if (closed !== null && (enrolment.redeemedAt ?? 0) <= now - repeatableMs) return closed;
    const issued = await authorities.issueClientCertificate({ csrPem, clientId: client.slug, now });
    if (!issued.ok) return issued;
    const certificate = issued.value;
    const redeemed = await attempt<null, EnrolmentFailure>(store, async (repositories) => {
      const { uuid } = enrolment;
      const { sha256: certificateSha256, keySha256 } = certificate;
      const record = { certificateSha256, keySha256, from, now };
      if ((await repositories.enrolments.redeem(uuid, record, now - repeatableMs)) === null) {
        const current = await repositories.enrolments.find(uuid);
        return (current === null ? null : closedReason(current, now)) ?? used;
      }
      const detail = { enrolment: uuid, instance: instance ?? null };
      await this.#record(repositories, {
        client,
        certificate,
        from,
        now,
        action: 'enrolment.redeem',
        detail,
      });
      return ok(null);
    });
    if (!redeemed.ok) return redeemed;
    logger.info({ clientId: client.slug, certificateSha256: certificate.sha256, from }, 'enrolled');
    return ok(this.#certified(client, certificate, now));
  }

  /**
   * The next certificate for the holder of a valid one. Codes: CERTIFICATE_…, CLIENT_… as admission has them, and those
   * of `keyOfCsr`.
   *
   * @param sha256 of the certificate that the sender proved to have the key of
   */
  async renew(
    request: { readonly csrPem: string; readonly sha256: string },
    from: string,
  ): Promise<Result<Certified, EnrolmentFailure>> {
    const { store, directory, authorities, clock, logger } = this.#options;
    const now = Math.trunc(clock.now());
    const holder = directory.identify(request.sha256, now);
    if (!holder.known) return enrolmentFailed(holder.code, explanations[holder.code]);
    const { client } = holder;
    const issued = await authorities.issueClientCertificate({
      csrPem: request.csrPem,
      clientId: client.slug,
      now,
    });
    if (!issued.ok) return issued;
    const certificate = issued.value;
    const renewed = await attempt<null, EnrolmentFailure>(store, async (repositories) => {
      // It may have been revoked, on another server, since this one heard of it last.
      const current = await repositories.certificates.find(request.sha256);
      const owner = current === null ? null : await repositories.clients.findByUuid(current.clientUuid);
      if (current === null || owner === null) return refused('CERTIFICATE_UNKNOWN');
      if (current.revokedAt !== null) return refused('CERTIFICATE_REVOKED');
      const refusal = clientRefusal(owner, now);
      if (refusal !== null) return enrolmentFailed(...refusal);
      const detail = { replaces: request.sha256 };
      await this.#record(repositories, {
        client,
        certificate,
        from,
        now,
        action: 'certificate.renew',
        detail,
      });
      return ok(null);
    });
    if (!renewed.ok) return renewed;
    logger.info(
      { clientId: client.slug, certificateSha256: certificate.sha256, from },
      'certificate renewed',
    );
    return ok(this.#certified(client, certificate, now));
  }

  async #record(
    repositories: Repositories,
    { client, certificate, from, now, action, detail }: Issuance,
  ): Promise<void> {
    const { slug, uuid } = client;
    await repositories.certificates.insert({ ...certificate, clientUuid: uuid, createdAt: now });
    await repositories.audit.insert({
      actor: { kind: 'client', name: slug, remoteAddress: from },
      ...{ now, action, targetKind: 'client', target: slug },
      detail: { ...detail, certificateSha256: certificate.sha256, notAfterMs: certificate.notAfter },
    });
    await repositories.changes.publish({ kind: 'client', id: uuid });
  }

  #certified(client: ClientRecord, certificate: ClientCertificate, now: number): Certified {
    const { directory, briefing, feed } = this.#options;
    const { slug, uuid } = client;
    directory.putCertificate({ ...certificate, clientUuid: uuid, revokedAt: null });
    feed.publish({ topic: 'clients', type: 'client.updated', clientId: slug, data: { id: slug } });
    const { url, addressHints } = briefing.endpoint(null);
    return {
      clientId: slug,
      certificatePem: certificate.pem,
      serverTrust: briefing.trust,
      url,
      addressHints,
      notAfterMs: certificate.notAfter,
      renewAfterMs: Math.trunc(now + ((certificate.notAfter - now) * 2) / 3),
      serverTimeMs: now,
    };
  }
}

/** A certificate that goes to a client, and why. */
interface Issuance {
  readonly client: ClientRecord;
  readonly certificate: ClientCertificate;
  readonly from: string;
  readonly now: number;
  readonly action: 'enrolment.redeem' | 'certificate.renew';
  readonly detail: Readonly<Record<string, string | null>>;
}

const explanations: Readonly<Record<RefusedHolderCode, string>> = {
  CERTIFICATE_MISSING: 'Present the certificate that is to be renewed.',
  CERTIFICATE_UNKNOWN: 'This server does not know the certificate. Ask its administrator for a new link.',
  CERTIFICATE_NOT_YET_VALID: 'The certificate is not valid yet. Check the clocks.',
  CERTIFICATE_EXPIRED: 'The certificate has expired. Ask the administrator of the server for a new link.',
  CERTIFICATE_REVOKED: 'The certificate was revoked.',
  CLIENT_DISABLED: 'The client is disabled.',
  CLIENT_EXPIRED: 'The time of this client is over.',
};

function refused(code: RefusedHolderCode): { readonly ok: false; readonly error: EnrolmentFailure } {
  return enrolmentFailed(code, explanations[code]);
}

/** Why a client gets no certificate; null: it does. */
function clientRefusal(
  { enabled, expiresAt }: ClientRecord,
  now: number,
): readonly [RefusedHolderCode, string] | null {
  const code = !enabled
    ? 'CLIENT_DISABLED'
    : expiresAt !== null && now >= expiresAt
      ? 'CLIENT_EXPIRED'
      : null;
  return code === null ? null : [code, explanations[code]];
}

const used = enrolmentFailed(
  'ENROLMENT_USED',
  'The link was redeemed already. If that was not you, tell the administrator of the server; else ask for a new one.',
);

/** Why a link is of no use; null: it is. */
function closedReason(
  enrolment: EnrolmentRecord,
  now: number,
): { readonly ok: false; readonly error: EnrolmentFailure } | null {
  if (enrolment.revokedAt !== null) {
    return enrolmentFailed('ENROLMENT_REVOKED', 'The link was taken back. Ask for a new one.');
  }
  if (enrolment.redeemedAt !== null) return used;
  return now >= enrolment.expiresAt
    ? enrolmentFailed('ENROLMENT_EXPIRED', 'The link has expired. Ask for a new one.')
    : null;
}
