import { z } from 'zod';
import type { Clock } from '../process/clock.js';
import type { AdministratorRecord } from '../store/administrators.js';
import type { LoginRecord } from '../store/logins.js';
import type { Repositories } from '../store/repositories.js';
import type { Store } from '../store/store.js';
import { noPermissions, permissionsOf, roles, type Role } from './permissions.js';
import type { Person, Principal } from './principal.js';
import { newSecret, sha256Of } from './secret.js';

/** How long a cookie is good, milliseconds. */
export interface SessionLimits {
  /** Unused. */
  readonly idleMs: number;
  /** At all. */
  readonly absoluteMs: number;
}

/** Uses within this time are noted as one: a look at a page is no write to the disk. */
const touchMs = 60_000;

/** Sessions of one administrator; the oldest ends when one more begins. */
const mostSessions = 32;

/** A session as its owner sees it. */
export interface SessionOfAdministrator {
  readonly uuid: string;
  readonly remoteAddress: string;
  readonly userAgent: string;
  /** UTC milliseconds. */
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly expiresAt: number;
}

const detailSchema = z.object({
  userAgent: z.string(),
  person: z
    .object({ issuer: z.string(), subject: z.string(), name: z.string(), groups: z.array(z.string()) })
    .nullable(),
});

/** Who opens a session. */
export interface NewSession {
  readonly administratorUuid: string | null;
  readonly person: Person | null;
  readonly remoteAddress: string | null;
  readonly userAgent: string;
}

/** Sessions of people who signed in: opaque secrets in cookies, hashed in the store. */
export class LoginSessions {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly limits: SessionLimits;

  constructor(store: Store, clock: Clock, limits: SessionLimits) {
    this.#store = store;
    this.#clock = clock;
    this.limits = limits;
  }

  /** Opens one within the caller's transaction; returns the cookie's value. */
  async open(repositories: Repositories, session: NewSession): Promise<string> {
    const secret = newSecret('');
    const now = this.#clock.now();
    const { administratorUuid } = session;
    await repositories.logins.insert({
      secretSha256: secret.sha256,
      kind: 'session',
      administratorUuid,
      detail: JSON.stringify({ userAgent: session.userAgent.slice(0, 200), person: session.person }),
      remoteAddress: session.remoteAddress ?? '',
      now,
      expiresAt: now + this.limits.absoluteMs,
    });
    if (administratorUuid !== null) {
      const open = await repositories.logins.sessionsOf(administratorUuid, now);
      for (const { secretSha256 } of open.slice(mostSessions)) await repositories.logins.delete(secretSha256);
    }
    return secret.text;
  }

  /** Whose cookie this is; null when it is nobody's (any more). */
  async authenticate(cookie: string, remoteAddress: string | null): Promise<Principal | null> {
    const now = this.#clock.now();
    const login = await this.#store.logins.find('session', sha256Of(cookie), now);
    if (login === null) return null;
    if (login.lastUsedAt + this.limits.idleMs <= now) {
      await this.#store.logins.delete(login.secretSha256);
      return null;
    }
    const principal = await this.#principalOf(login, remoteAddress);
    if (principal !== null && login.lastUsedAt + touchMs <= now) {
      await this.#store.logins.touch(login.secretSha256, now);
    }
    return principal;
  }

  /** Who somebody is now who showed a cookie before; null when it is good no more. */
  async again(principal: Principal): Promise<Principal | null> {
    const { via, actor } = principal;
    if (via.kind !== 'cookie') return null;
    const now = this.#clock.now();
    const login = await this.#store.logins.find('session', via.secretSha256, now);
    if (login === null || login.lastUsedAt + this.limits.idleMs <= now) return null;
    return this.#principalOf(login, actor.remoteAddress);
  }

  /** Sessions of an administrator that are open, the newest first. */
  async list(administratorUuid: string): Promise<readonly SessionOfAdministrator[]> {
    const now = this.#clock.now();
    const logins = await this.#store.logins.sessionsOf(administratorUuid, now);
    return logins
      .filter(({ lastUsedAt }) => lastUsedAt + this.limits.idleMs > now)
      .map((login) => ({
        uuid: login.uuid,
        remoteAddress: login.remoteAddress,
        userAgent: detailOf(login)?.userAgent ?? '',
        createdAt: login.createdAt,
        lastUsedAt: login.lastUsedAt,
        expiresAt: login.expiresAt,
      }));
  }

  async #principalOf(login: LoginRecord, remoteAddress: string | null): Promise<Principal | null> {
    const via = {
      kind: 'cookie',
      sessionUuid: login.uuid,
      secretSha256: login.secretSha256,
      administratorUuid: login.administratorUuid,
    } as const;
    const detail = detailOf(login);
    if (login.administratorUuid === null) {
      const person = detail?.person ?? null;
      if (person === null) return null;
      const actor = { kind: 'person', name: person.name, remoteAddress } as const;
      return { actor, permissions: noPermissions, via, person };
    }
    const administrator = await this.#store.administrators.find(login.administratorUuid);
    if (administrator?.enabled !== true) return null;
    return {
      actor: { kind: 'administrator', name: administrator.name, remoteAddress },
      permissions: permissionsOf(roleOf(administrator)),
      via,
      person: detail?.person ?? null,
    };
  }
}

/** The role as stored; whatever a newer version may know counts as the least. */
export function roleOf(administrator: AdministratorRecord): Role {
  return roles.find((role) => role === administrator.role) ?? 'reader';
}

function detailOf(login: LoginRecord): z.output<typeof detailSchema> | null {
  return detailSchema.safeParse(JSON.parse(login.detail)).data ?? null;
}
