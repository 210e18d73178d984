import { randomBytes } from 'node:crypto';
import { ok, type Result } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import { tokenCredential } from '../clients/credential.js';
import type { Actor } from '../audit/actor.js';
import type { AccessKeeper } from '../clients/accessKeeper.js';
import { clientNotFound } from '../clients/clientFailure.js';
import type { ClientDirectory } from '../clients/directory.js';
import type { Clock } from '../process/clock.js';
import { ChangeFollower } from '../servers/changeFollower.js';
import { attempt } from '../store/attempt.js';
import type { ClientTokenRecord } from '../store/clientTokens.js';
import type { Store } from '../store/store.js';
import { enrolmentFailed, type CredentialFailure } from './enrolmentFailure.js';

export interface ClientTokensOptions {
  readonly store: Pick<Store, 'atomically' | 'clientTokens' | 'changes'>;
  readonly directory: Pick<ClientDirectory, 'findBySlug' | 'putCertificate'>;
  readonly access: Pick<AccessKeeper, 'review'>;
  /** Whether the configuration lets tokens in at all. */
  readonly enabled: boolean;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly logger: Logger;
}

/** Until this time a token without an end is good, UTC milliseconds: some centuries. */
const endless = 8_640_000_000_000_000 / 1_000;

/**
 * Bearer tokens of clients that cannot do mutual TLS. To the directory a token is one more credential, as a certificate
 * is: what ends sessions there ends them here. Every method throws `StoreError`.
 */
export class ClientTokens implements Disposable {
  readonly #options: ClientTokensOptions;
  readonly #follower: ChangeFollower;

  private constructor(options: ClientTokensOptions) {
    this.#options = options;
    this.#follower = new ChangeFollower({
      ...options,
      changes: options.store.changes,
      concerns: ({ kind, id }) => (kind === 'client' ? { id } : null),
      read: async (clientUuids) => {
        for (const clientUuid of clientUuids) await this.#read(clientUuid);
      },
      readEverything: () => this.#read(null),
    });
  }

  /** Reads all of them, if they are let in. */
  static async load(options: ClientTokensOptions): Promise<ClientTokens> {
    const tokens = new ClientTokens(options);
    await tokens.#read(null);
    return tokens;
  }

  /** Makes a token; its text is known this once. Code: CLIENT_NOT_FOUND. */
  async create(
    slug: string,
    expiresAt: number | null,
    actor: Actor,
  ): Promise<Result<{ readonly token: ClientTokenRecord; readonly text: string }, CredentialFailure>> {
    const { store, directory, clock, logger } = this.#options;
    const client = directory.findBySlug(slug);
    if (client === null) return clientNotFound(slug);
    const now = Math.trunc(clock.now());
    const text = `mvc_${randomBytes(32).toString('base64url')}`;
    const made = await attempt<ClientTokenRecord, CredentialFailure>(store, async (repositories) => {
      if ((await repositories.clients.findByUuid(client.uuid)) === null) return clientNotFound(slug);
      const token = await repositories.clientTokens.create({
        ...{ clientUuid: client.uuid, secretSha256: tokenCredential(text), expiresAt, now },
      });
      await repositories.audit.insert({
        ...{ actor, now, action: 'clientToken.create', targetKind: 'client', target: slug },
        detail: { token: token.uuid, expiresAtMs: expiresAt },
      });
      await repositories.changes.publish({ kind: 'client', id: client.uuid });
      return ok(token);
    });
    if (!made.ok) return made;
    this.#put(made.value);
    logger.info({ clientId: slug, token: made.value.uuid }, 'token of a client made');
    return ok({ token: made.value, text });
  }

  /** Ends a token and the sessions that came with it. Code: CLIENT_TOKEN_NOT_FOUND. */
  async revoke(uuid: string, actor: Actor): Promise<Result<null, CredentialFailure>> {
    const { store, access, clock, logger } = this.#options;
    const now = Math.trunc(clock.now());
    const revoked = await attempt<ClientTokenRecord, CredentialFailure>(store, async (repositories) => {
      const token = await repositories.clientTokens.find(uuid);
      if (token === null) return enrolmentFailed('CLIENT_TOKEN_NOT_FOUND', 'There is no such token.');
      if (!(await repositories.clientTokens.revoke(uuid, now))) return ok(token);
      const client = await repositories.clients.findByUuid(token.clientUuid);
      await repositories.audit.insert({
        ...{ actor, now, action: 'clientToken.revoke', targetKind: 'client' },
        ...{ target: client?.slug ?? token.clientUuid, detail: { token: uuid } },
      });
      await repositories.changes.publish({ kind: 'client', id: token.clientUuid });
      return ok({ ...token, revokedAt: now });
    });
    if (!revoked.ok) return revoked;
    this.#put(revoked.value);
    const sessionsEnded = access.review(revoked.value.clientUuid, now);
    logger.info({ token: uuid, sessionsEnded }, 'token of a client revoked');
    return ok(null);
  }

  [Symbol.dispose](): void {
    this.#follower[Symbol.dispose]();
  }

  async #read(clientUuid: string | null): Promise<void> {
    const { store, access, enabled } = this.#options;
    if (!enabled) return;
    const query = { limit: 500, ...(clientUuid === null ? {} : { clientUuid }) };
    const concerned = new Set<string>();
    let page = await store.clientTokens.list(query);
    for (let last = page.at(-1); last !== undefined; last = page.at(-1)) {
      for (const token of page) {
        this.#put(token);
        concerned.add(token.clientUuid);
      }
      page = await store.clientTokens.list({ ...query, after: last.uuid });
    }
    for (const uuid of concerned) access.review(uuid);
  }

  #put({ secretSha256, clientUuid, createdAt, expiresAt, revokedAt }: ClientTokenRecord): void {
    const { directory, enabled } = this.#options;
    if (!enabled) return;
    // The last millisecond of a certificate is the last of a whole second.
    const notAfter = expiresAt === null ? endless : expiresAt - 1_000;
    directory.putCertificate({ sha256: secretSha256, clientUuid, notBefore: createdAt, notAfter, revokedAt });
  }
}
