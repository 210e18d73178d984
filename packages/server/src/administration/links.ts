import { ok, type Result } from '@masque-vpn/protocol';
import type { Actor } from '../audit/actor.js';
import type { Clock } from '../process/clock.js';
import type { AdministratorRecord } from '../store/administrators.js';
import type { Repositories } from '../store/repositories.js';
import type { Store } from '../store/store.js';
import { refused, type AdministrationFailure } from './failure.js';
import { admit, type LoginOrigin } from './login.js';
import type { Passwords } from './passwords.js';
import { newSecret, sha256Of } from './secret.js';
import type { LoginSessions } from './sessions.js';
import { accountKey } from './throttle.js';

/** How long a link is good, milliseconds. */
export const linkLifetimeMs = 24 * 60 * 60_000;

/** Tells links apart from other secrets. */
const linkPrefix = 'mvl_';

/** A link that somebody sets their password with, once. */
export interface SetUpLink {
  /** Goes behind the `#` of the set-up page, which browsers do not send. */
  readonly secret: string;
  /** UTC milliseconds. */
  readonly expiresAt: number;
}

export interface LinkOptions {
  readonly store: Store;
  readonly passwords: Passwords;
  readonly sessions: LoginSessions;
  readonly clock: Clock;
}

/** What redeems a link. */
export interface Redemption {
  readonly secret: string;
  /** Needed for the first owner only; otherwise the link says whose it is. */
  readonly name: string | null;
  readonly password: string;
}

/** One-time links: the first owner's, and those with which administrators choose their passwords. */
export class SetUpLinks {
  readonly #options: LinkOptions;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Whether nobody administers yet. */
  async isFirstOwnerMissing(): Promise<boolean> {
    return (await this.#options.store.administrators.count()) === 0;
  }

  /** A new link for the first owner, instead of those before; null when there is an administrator. */
  async ofFirstOwner(): Promise<SetUpLink | null> {
    return this.#options.store.atomically(async (repositories) => {
      if ((await repositories.administrators.count()) > 0) return null;
      await repositories.logins.deleteFirstLinks();
      return this.issue(repositories, null);
    });
  }

  /** A new link for an administrator (null: the first owner), within the caller's transaction. */
  async issue(repositories: Repositories, administratorUuid: string | null): Promise<SetUpLink> {
    const now = Math.trunc(this.#options.clock.now());
    const secret = newSecret(linkPrefix);
    const expiresAt = now + linkLifetimeMs;
    await repositories.logins.insert({
      secretSha256: secret.sha256,
      kind: 'link',
      administratorUuid,
      detail: '{}',
      remoteAddress: '',
      now,
      expiresAt,
    });
    return { secret: secret.text, expiresAt };
  }

  /**
   * Sets the password and signs in; makes the first owner where there is none. Returns the cookie's value. Codes:
   * LOGIN_LINK_INVALID, PASSWORD_TOO_WEAK, ADMINISTRATOR_NAME_MISSING, LOGIN_OVERLOADED. Throws `StoreError`.
   */
  async redeem(
    redemption: Redemption,
    origin: LoginOrigin,
  ): Promise<Result<{ readonly cookie: string }, AdministrationFailure>> {
    const { store, passwords, clock } = this.#options;
    const sha256 = sha256Of(redemption.secret);
    const link = await store.logins.find('link', sha256, clock.now());
    if (link === null) return invalidLink();
    const owner =
      link.administratorUuid === null ? null : await store.administrators.find(link.administratorUuid);
    const name = owner?.name ?? redemption.name;
    if (name === null) return refused('ADMINISTRATOR_NAME_MISSING', 'choose a name for the first owner');
    const hashed = await passwords.hash(redemption.password, name);
    if (!hashed.ok) return hashed;
    const cookie = await store.atomically(async (repositories) => {
      // Again, now that nobody else can take it.
      if ((await repositories.logins.take('link', sha256, clock.now())) === null) return null;
      const administrator =
        link.administratorUuid === null
          ? await this.#makeOwner(repositories, name, hashed.value)
          : await this.#setPassword(repositories, link.administratorUuid, hashed.value);
      return administrator === null ? null : this.#admit(repositories, administrator, origin);
    });
    return cookie === null ? invalidLink() : ok({ cookie });
  }

  async #makeOwner(
    repositories: Repositories,
    name: string,
    passwordHash: string,
  ): Promise<AdministratorRecord | null> {
    if ((await repositories.administrators.count()) > 0) return null;
    const now = this.#options.clock.now();
    await repositories.logins.deleteFirstLinks();
    return repositories.administrators.create({ name, role: 'owner', passwordHash, now });
  }

  async #setPassword(
    repositories: Repositories,
    uuid: string,
    passwordHash: string,
  ): Promise<AdministratorRecord | null> {
    await repositories.logins.deleteAllOf(uuid);
    const at = { now: this.#options.clock.now(), version: null };
    const administrator = await repositories.administrators.update(uuid, { passwordHash }, at);
    return administrator?.enabled === true ? administrator : null;
  }

  async #admit(
    repositories: Repositories,
    administrator: AdministratorRecord,
    { remoteAddress, userAgent }: LoginOrigin,
  ): Promise<string> {
    const now = this.#options.clock.now();
    const { uuid, name } = administrator;
    const actor: Actor = { kind: 'administrator', name, remoteAddress };
    await repositories.loginFailures.delete(accountKey(name));
    await repositories.audit.insert({
      actor,
      action: 'administrator.set_password',
      targetKind: 'administrator',
      target: name,
      detail: { by: 'link', role: administrator.role },
      now,
    });
    const session = { administratorUuid: uuid, person: null, remoteAddress, userAgent };
    return admit(repositories, this.#options.sessions, { actor, session, how: 'link', now });
  }
}

function invalidLink(): ReturnType<typeof refused> {
  return refused(
    'LOGIN_LINK_INVALID',
    'this link was used, has expired or never was one; root gets a new one with "masque-vpn admin administrator"',
  );
}
