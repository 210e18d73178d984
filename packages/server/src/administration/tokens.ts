import { ok, type Result } from '@masque-vpn/protocol';
import type { Clock } from '../process/clock.js';
import type { ApiTokenRecord } from '../store/apiTokens.js';
import type { Store } from '../store/store.js';
import { refused, type AdministrationFailure } from './failure.js';
import { permissions, permissionsOf, type Permission } from './permissions.js';
import type { Principal } from './principal.js';
import { newSecret, sha256Of } from './secret.js';
import { roleOf } from './sessions.js';

/** What every token begins with: programs that search for leaked secrets find it. */
export const tokenPrefix = 'mvt_';

/** Tokens of one administrator that are good at a time. */
const mostTokens = 100;

/** Uses within this time are noted as one. */
const touchMs = 60_000;

export interface NewTokenRequest {
  readonly name: string;
  readonly permissions: readonly Permission[];
  /** UTC milliseconds; null: until it is revoked. */
  readonly expiresAt: number | null;
}

/** Bearer tokens of programs. Every method throws `StoreError` when the store is lost. */
export class Tokens {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Makes one; the text is shown once. A token makes no tokens: they could outlive it. Codes: ADMINISTRATOR_ONLY,
   * TOKEN_EXCEEDS_MAKER, TOKEN_TOO_MANY.
   */
  async create(
    request: NewTokenRequest,
    maker: Principal,
  ): Promise<Result<{ readonly token: ApiTokenRecord; readonly text: string }, AdministrationFailure>> {
    if (maker.via.kind === 'token') return refused('ADMINISTRATOR_ONLY', 'a token makes no tokens');
    const exceeding = request.permissions.filter((permission) => !maker.permissions.has(permission));
    if (exceeding.length > 0) {
      return refused('TOKEN_EXCEEDS_MAKER', `you do not have ${exceeding.join(', ')} yourself`);
    }
    const administratorUuid = administratorOf(maker);
    const secret = newSecret(tokenPrefix);
    return this.#store.atomically(async (repositories) => {
      const now = this.#clock.now();
      if ((await repositories.apiTokens.countActive(administratorUuid, now)) >= mostTokens) {
        return refused('TOKEN_TOO_MANY', `there are ${mostTokens} tokens already; revoke some first`);
      }
      const token = await repositories.apiTokens.insert({
        name: request.name,
        administratorUuid,
        scopes: request.permissions,
        expiresAt: request.expiresAt,
        secretSha256: secret.sha256,
        now,
      });
      await repositories.audit.insert({
        actor: maker.actor,
        action: 'token.create',
        targetKind: 'token',
        target: token.uuid,
        detail: { name: token.name, permissions: [...request.permissions], expiresAtMs: token.expiresAt },
        now,
      });
      return ok({ token, text: secret.text });
    });
  }

  /** In order of creation; owners see everybody's, others their own. */
  list(
    viewer: Principal,
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<readonly ApiTokenRecord[]> {
    const administratorUuid = seesAll(viewer) ? null : administratorOf(viewer);
    return this.#store.apiTokens.list({ administratorUuid, ...page });
  }

  /** Code: TOKEN_NOT_FOUND, also for those of others. */
  async revoke(uuid: string, by: Principal): Promise<Result<null, AdministrationFailure>> {
    return this.#store.atomically(async (repositories) => {
      const token = await repositories.apiTokens.find(uuid);
      const own = token !== null && (seesAll(by) || token.administratorUuid === administratorOf(by));
      const now = this.#clock.now();
      if (!own || !(await repositories.apiTokens.revoke(uuid, now))) {
        return refused('TOKEN_NOT_FOUND', 'there is no such token, or it is revoked already');
      }
      await repositories.audit.insert({
        actor: by.actor,
        action: 'token.revoke',
        targetKind: 'token',
        target: uuid,
        detail: { name: token.name },
        now,
      });
      return ok(null);
    });
  }

  /** Whose token this is, with no more rights than its maker has now; null when it is nobody's (any more). */
  async authenticate(text: string, remoteAddress: string | null): Promise<Principal | null> {
    if (!text.startsWith(tokenPrefix)) return null;
    const token = await this.#store.apiTokens.findBySecret(sha256Of(text));
    const principal = token === null ? null : await this.#principalOf(token, remoteAddress);
    const now = this.#clock.now();
    if (token !== null && principal !== null && (token.lastUsedAt ?? 0) + touchMs <= now) {
      await this.#noteUse(token, remoteAddress, now);
    }
    return principal;
  }

  /** Who somebody is now who showed a token before; null when it is good no more. */
  async again({ via, actor }: Principal): Promise<Principal | null> {
    const token = via.kind === 'token' ? await this.#store.apiTokens.find(via.tokenUuid) : null;
    return token === null ? null : this.#principalOf(token, actor.remoteAddress);
  }

  async #principalOf(token: ApiTokenRecord, remoteAddress: string | null): Promise<Principal | null> {
    if (token.revokedAt !== null) return null;
    if (token.expiresAt !== null && token.expiresAt <= this.#clock.now()) return null;
    const limits = await this.#permissionsOfMaker(token);
    if (limits === null) return null;
    const granted = permissions.filter(
      (permission) => token.scopes.includes(permission) && limits.has(permission),
    );
    return {
      actor: { kind: 'token', name: token.name, remoteAddress },
      permissions: new Set(granted),
      via: { kind: 'token', tokenUuid: token.uuid, administratorUuid: token.administratorUuid },
      person: null,
    };
  }

  async #permissionsOfMaker(token: ApiTokenRecord): Promise<ReadonlySet<Permission> | null> {
    if (token.administratorUuid === null) return new Set(permissions);
    const maker = await this.#store.administrators.find(token.administratorUuid);
    return maker?.enabled === true ? permissionsOf(roleOf(maker)) : null;
  }

  /** The first use is worth an entry of its own: it may be somebody else's. */
  async #noteUse(token: ApiTokenRecord, remoteAddress: string | null, now: number): Promise<void> {
    await this.#store.atomically(async (repositories) => {
      await repositories.apiTokens.touch(token.uuid, now);
      if (token.lastUsedAt !== null) return;
      await repositories.audit.insert({
        actor: { kind: 'token', name: token.name, remoteAddress },
        action: 'token.first_use',
        targetKind: 'token',
        target: token.uuid,
        now,
      });
    });
  }
}

function seesAll(principal: Principal): boolean {
  return principal.permissions.has('administrators:read');
}

function administratorOf({ via }: Principal): string | null {
  return via.kind === 'cookie' || via.kind === 'token' ? via.administratorUuid : null;
}
