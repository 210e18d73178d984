import { fail, ok, type Result } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import type { Actor } from '../audit/actor.js';
import type { Publisher } from '../events/feed.js';
import type { Clock } from '../process/clock.js';
import { attempt } from '../store/attempt.js';
import type { Store } from '../store/store.js';
import type { AccessKeeper } from './accessKeeper.js';
import type { ClientFailure } from './clientFailure.js';
import type { ClientDirectory } from './directory.js';

export interface RevocationOptions {
  readonly store: Pick<Store, 'atomically'>;
  readonly directory: Pick<ClientDirectory, 'findCertificate' | 'findByUuid' | 'putCertificate'>;
  readonly access: Pick<AccessKeeper, 'review'>;
  readonly feed: Publisher;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Takes certificates back. */
export class Revocation {
  readonly #options: RevocationOptions;

  constructor(options: RevocationOptions) {
    this.#options = options;
  }

  /**
   * Refuses a certificate from now on and ends the sessions it was used for before this returns; revoking it again
   * changes nothing. Code: CERTIFICATE_NOT_FOUND. Throws `StoreError`.
   *
   * @param sha256 of the certificate (DER), lower-case hex
   */
  async revoke(
    sha256: string,
    reason: string | null,
    actor: Actor,
  ): Promise<Result<{ readonly sessionsEnded: number }, ClientFailure>> {
    const { store, directory, access, feed, clock, logger } = this.#options;
    const now = Math.trunc(clock.now());
    const revoked = await attempt<{ clientUuid: string; revokedAt: number }, ClientFailure>(
      store,
      async (repositories) => {
        const certificate = await repositories.certificates.find(sha256);
        if (certificate === null) {
          return fail({ code: 'CERTIFICATE_NOT_FOUND', message: 'no certificate has this fingerprint' });
        }
        const { clientUuid } = certificate;
        if (!(await repositories.certificates.revoke(sha256, now, reason))) {
          return ok({ clientUuid, revokedAt: certificate.revokedAt ?? now });
        }
        const client = await repositories.clients.findByUuid(clientUuid);
        await repositories.audit.insert({
          actor,
          action: 'certificate.revoke',
          targetKind: 'client',
          target: client?.slug ?? clientUuid,
          detail: { certificateSha256: sha256, reason },
          now,
        });
        await repositories.changes.publish({ kind: 'client', id: clientUuid });
        return ok({ clientUuid, revokedAt: now });
      },
    );
    if (!revoked.ok) return revoked;
    const { clientUuid, revokedAt } = revoked.value;
    const certificate = directory.findCertificate(sha256);
    if (certificate !== null) directory.putCertificate({ ...certificate, revokedAt });
    const sessionsEnded = access.review(clientUuid, now);
    const clientId = directory.findByUuid(clientUuid)?.slug;
    if (clientId !== undefined) {
      feed.publish({ topic: 'clients', type: 'client.updated', clientId, data: { id: clientId } });
    }
    logger.info({ clientId, certificateSha256: sha256, sessionsEnded }, 'certificate revoked');
    return ok({ sessionsEnded });
  }
}
