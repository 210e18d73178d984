import { ok, type Result } from '@masque-vpn/protocol';
import type { Actor } from '../audit/actor.js';
import type { ClientDirectory } from '../clients/directory.js';
import type { ClientTokens } from '../enrolments/clientTokens.js';
import type { ClientTokenRecord, ClientTokenRepository } from '../store/clientTokens.js';
import type { ClientTokenListQuery, ClientTokenModel } from './models/clientToken.js';
import { namedClient } from './namedClient.js';
import { cutPage, type Page, parseCursor, uuidKey } from './page.js';
import type { ApiFailure } from './problem.js';

export interface ClientTokenAdministrationOptions {
  readonly tokens: ClientTokens;
  readonly repository: Pick<ClientTokenRepository, 'list'>;
  readonly directory: Pick<ClientDirectory, 'findBySlug' | 'findByUuid'>;
  /** Whether the configuration lets tokens in. */
  readonly accepted: boolean;
}

/** Bearer tokens of clients as the API shows and makes them. Every method throws `StoreError`. */
export class ClientTokenAdministration {
  readonly #options: ClientTokenAdministrationOptions;

  constructor(options: ClientTokenAdministrationOptions) {
    this.#options = options;
  }

  /** The oldest first. Codes: API_REQUEST_INVALID, CLIENT_NOT_FOUND. */
  async list(query: ClientTokenListQuery): Promise<Result<Page<ClientTokenModel>, ApiFailure>> {
    const { repository, directory } = this.#options;
    const after = parseCursor(query.cursor, uuidKey);
    if (!after.ok) return after;
    const client = namedClient(query.client, directory);
    if (!client.ok) return client;
    const found = await repository.list({
      ...client.value,
      ...(after.value === null ? {} : { after: after.value[0] }),
      limit: query.limit + 1,
    });
    return ok(
      cutPage(
        found,
        query.limit,
        ({ uuid }) => [uuid],
        (record) => this.#model(record),
      ),
    );
  }

  /** Code: CLIENT_NOT_FOUND. */
  async create(
    request: { readonly client: string; readonly expiresAtMs: number | null },
    actor: Actor,
  ): Promise<Result<{ token: ClientTokenModel; text: string; accepted: boolean }, ApiFailure>> {
    const { tokens, accepted } = this.#options;
    const made = await tokens.create(request.client, request.expiresAtMs, actor);
    if (!made.ok) return made;
    return ok({ token: this.#model(made.value.token), text: made.value.text, accepted });
  }

  /** Code: CLIENT_TOKEN_NOT_FOUND. */
  revoke(id: string, actor: Actor): Promise<Result<null, ApiFailure>> {
    return this.#options.tokens.revoke(id, actor);
  }

  #model(record: ClientTokenRecord): ClientTokenModel {
    return {
      id: record.uuid,
      client: this.#options.directory.findByUuid(record.clientUuid)?.slug ?? 'unknown',
      createdAtMs: record.createdAt,
      expiresAtMs: record.expiresAt,
      revokedAtMs: record.revokedAt,
    };
  }
}
