import { createHash, randomBytes } from 'node:crypto';
import { ENROLMENT_SECRET_BYTES, formatEnrolmentLink, ok, type Result } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import type { Actor } from '../audit/actor.js';
import type { EnrolmentIssuer, IssuedEnrolment } from '../clients/clients.js';
import { clientNotFound } from '../clients/clientFailure.js';
import type { ClientDirectory } from '../clients/directory.js';
import { attempt } from '../store/attempt.js';
import type { ClientRecord } from '../store/clients.js';
import type { Repositories } from '../store/repositories.js';
import type { Store } from '../store/store.js';
import type { ClientBriefing } from './endpoint.js';
import { enrolmentFailed, type CredentialFailure } from './enrolmentFailure.js';

export interface EnrolmentsOptions {
  readonly store: Pick<Store, 'atomically'>;
  readonly directory: Pick<ClientDirectory, 'findBySlug'>;
  readonly briefing: ClientBriefing;
  readonly clock: { now(): number };
  readonly logger: Logger;
}

/** What an administrator wants of a link. */
export interface LinkRequest {
  /** How long it can be redeemed. */
  readonly lifetimeMs: number;
  /** Public name to put into it; null: the configured one. */
  readonly host: string | null;
}

/** Enrolment links as administrators make and take them back. Every method throws `StoreError`. */
export class Enrolments implements EnrolmentIssuer {
  readonly #options: EnrolmentsOptions;

  constructor(options: EnrolmentsOptions) {
    this.#options = options;
  }

  /** Makes a link for a client that exists. Code: CLIENT_NOT_FOUND. */
  async create(
    slug: string,
    request: LinkRequest,
    actor: Actor,
  ): Promise<Result<IssuedEnrolment, CredentialFailure>> {
    const { store, directory, clock, logger } = this.#options;
    const known = directory.findBySlug(slug);
    if (known === null) return clientNotFound(slug);
    const now = Math.trunc(clock.now());
    const made = await attempt<IssuedEnrolment, CredentialFailure>(store, async (repositories) => {
      const client = await repositories.clients.findByUuid(known.uuid);
      if (client === null) return clientNotFound(slug);
      return ok(await this.issue(repositories, { ...request, client, actor, now }));
    });
    if (made.ok) logger.info({ clientId: slug, enrolment: made.value.uuid }, 'enrolment link made');
    return made;
  }

  /** Makes a link within a transaction that somebody else began. */
  async issue(
    repositories: Repositories,
    request: LinkRequest & { readonly client: ClientRecord; readonly actor: Actor; readonly now: number },
  ): Promise<IssuedEnrolment> {
    const { client, actor, lifetimeMs, host, now } = request;
    const secret = randomBytes(ENROLMENT_SECRET_BYTES).toString('base64url');
    const { uuid, expiresAt } = await repositories.enrolments.create({
      clientUuid: client.uuid,
      secretSha256: secretSha256(secret),
      createdBy: actor.name,
      now,
      expiresAt: now + lifetimeMs,
    });
    await repositories.audit.insert({
      ...{ actor, now, action: 'enrolment.create', targetKind: 'client', target: client.slug },
      detail: { enrolment: uuid, expiresAtMs: expiresAt },
    });
    const { briefing } = this.#options;
    const { host: publicHost, port } = briefing.endpoint(host);
    const link = formatEnrolmentLink({ host: publicHost, port, secret, trust: briefing.linkTrust });
    return { uuid, link, expiresAt };
  }

  /** Takes a link back. Codes: ENROLMENT_NOT_FOUND, ENROLMENT_USED. */
  async revoke(uuid: string, actor: Actor): Promise<Result<null, CredentialFailure>> {
    const { store, clock, logger } = this.#options;
    const now = Math.trunc(clock.now());
    const revoked = await attempt<null, CredentialFailure>(store, async (repositories) => {
      const enrolment = await repositories.enrolments.find(uuid);
      if (enrolment === null) return enrolmentFailed('ENROLMENT_NOT_FOUND', 'There is no such link.');
      if (enrolment.revokedAt !== null) return ok(null);
      if (!(await repositories.enrolments.revoke(uuid, now))) {
        return enrolmentFailed(
          'ENROLMENT_USED',
          'The link was redeemed already; revoke the certificate instead.',
        );
      }
      const client = await repositories.clients.findByUuid(enrolment.clientUuid);
      await repositories.audit.insert({
        ...{ actor, now, action: 'enrolment.revoke', targetKind: 'client' },
        ...{ target: client?.slug ?? enrolment.clientUuid, detail: { enrolment: uuid } },
      });
      return ok(null);
    });
    if (revoked.ok) logger.info({ enrolment: uuid }, 'enrolment link revoked');
    return revoked;
  }
}

/** How a secret is found in the store: nobody can tell from the time it takes how much of a guess was right. */
export function secretSha256(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('hex');
}
