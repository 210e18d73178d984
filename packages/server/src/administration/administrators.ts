import { ok, type Result } from '@masque-vpn/protocol';
import type { Actor } from '../audit/actor.js';
import type { Clock } from '../process/clock.js';
import type { AdministratorChange, AdministratorRecord } from '../store/administrators.js';
import { attempt } from '../store/attempt.js';
import type { Repositories } from '../store/repositories.js';
import type { Store } from '../store/store.js';
import { refused, type AdministrationFailure } from './failure.js';
import type { SetUpLink, SetUpLinks } from './links.js';
import type { Passwords } from './passwords.js';
import type { Role } from './permissions.js';

export interface AdministratorsOptions {
  readonly store: Store;
  readonly passwords: Passwords;
  readonly links: SetUpLinks;
  readonly clock: Clock;
}

export interface NewAdministratorRequest {
  readonly name: string;
  readonly role: Role;
  /** Null: a link is made with which they choose it. */
  readonly password: string | null;
}

/** What changes; absent stays as it is. */
export interface AdministratorRequest {
  readonly role?: Role | undefined;
  readonly enabled?: boolean | undefined;
  readonly password?: string | undefined;
  /** `true` turns the second factor off: somebody lost it. */
  readonly resetTotp?: boolean | undefined;
}

/** The people who administer, as owners manage them. Every method throws `StoreError` when the store is lost. */
export class Administrators {
  readonly #options: AdministratorsOptions;

  constructor(options: AdministratorsOptions) {
    this.#options = options;
  }

  /** In order of name. */
  list(page: {
    readonly after: string | null;
    readonly limit: number;
  }): Promise<readonly AdministratorRecord[]> {
    return this.#options.store.administrators.list(page);
  }

  /** Code: ADMINISTRATOR_NOT_FOUND. */
  async find(name: string): Promise<Result<AdministratorRecord, AdministrationFailure>> {
    const found = await this.#options.store.administrators.findByName(name);
    return found === null ? notFound(name) : ok(found);
  }

  /** Codes: ADMINISTRATOR_EXISTS, PASSWORD_TOO_WEAK, LOGIN_OVERLOADED. */
  async create(
    request: NewAdministratorRequest,
    actor: Actor,
  ): Promise<
    Result<
      { readonly administrator: AdministratorRecord; readonly link: SetUpLink | null },
      AdministrationFailure
    >
  > {
    const { store, links, clock } = this.#options;
    const { name, role } = request;
    const hashed = await this.#hash(request.password, name);
    if (!hashed.ok) return hashed;
    return store.atomically(async (repositories) => {
      const now = clock.now();
      const passwordHash = hashed.value;
      const administrator = await repositories.administrators.create({ name, role, passwordHash, now });
      if (administrator === null) {
        return refused('ADMINISTRATOR_EXISTS', `there is an administrator "${name}" already`);
      }
      await repositories.logins.deleteFirstLinks();
      const link = passwordHash === null ? await links.issue(repositories, administrator.uuid) : null;
      await record(repositories, 'create', name, actor, now, { role });
      return ok({ administrator, link });
    });
  }

  /**
   * Whoever loses rights or gets another password is signed out everywhere. Codes: ADMINISTRATOR_NOT_FOUND,
   * ADMINISTRATOR_LAST_OWNER, API_VERSION_CONFLICT, PASSWORD_TOO_WEAK, LOGIN_OVERLOADED.
   */
  async update(
    name: string,
    request: AdministratorRequest,
    at: { readonly ifMatch: number | null; readonly actor: Actor },
  ): Promise<Result<AdministratorRecord, AdministrationFailure>> {
    const { clock } = this.#options;
    const hashed = await this.#hash(request.password ?? null, name);
    if (!hashed.ok) return hashed;
    const change: AdministratorChange = {
      ...(request.role === undefined ? {} : { role: request.role }),
      ...(request.enabled === undefined ? {} : { enabled: request.enabled }),
      ...(hashed.value === null ? {} : { passwordHash: hashed.value }),
      ...(request.resetTotp === true ? { totpSecret: null, totpLastStep: null } : {}),
    };
    return this.#changeOne(name, at, async (repositories, before) => {
      const now = clock.now();
      const after = await repositories.administrators.update(before.uuid, change, { now, version: null });
      if (after === null) return notFound(name);
      const signedOut =
        after.role !== before.role || !after.enabled || hashed.value !== null || request.resetTotp === true;
      const sessionsEnded = signedOut ? await repositories.logins.deleteAllOf(before.uuid) : 0;
      await record(repositories, 'update', name, at.actor, now, {
        ...(request.role === undefined ? {} : { role: request.role }),
        ...(request.enabled === undefined ? {} : { enabled: request.enabled }),
        ...(hashed.value === null ? {} : { password: 'changed' }),
        ...(request.resetTotp === true ? { totp: 'off' } : {}),
        sessionsEnded,
      });
      return ok(after);
    });
  }

  /** With all sessions and tokens. Codes: ADMINISTRATOR_NOT_FOUND, ADMINISTRATOR_LAST_OWNER, API_VERSION_CONFLICT. */
  async remove(
    name: string,
    at: { readonly ifMatch: number | null; readonly actor: Actor },
  ): Promise<Result<null, AdministrationFailure>> {
    return this.#changeOne(name, at, async (repositories, before) => {
      await repositories.administrators.delete(before.uuid);
      await record(repositories, 'delete', name, at.actor, this.#options.clock.now(), {});
      return ok(null);
    });
  }

  /** A link with which the administrator chooses a new password. Code: ADMINISTRATOR_NOT_FOUND. */
  async makeLink(name: string, actor: Actor): Promise<Result<SetUpLink, AdministrationFailure>> {
    const { store, links, clock } = this.#options;
    return store.atomically(async (repositories) => {
      const administrator = await repositories.administrators.findByName(name);
      if (administrator === null) return notFound(name);
      const link = await links.issue(repositories, administrator.uuid);
      await record(repositories, 'make_link', name, actor, clock.now(), {});
      return ok(link);
    });
  }

  /** One change within a transaction that does not take the last owner away, or changes nothing. */
  async #changeOne<T>(
    name: string,
    { ifMatch }: { readonly ifMatch: number | null },
    change: (
      repositories: Repositories,
      before: AdministratorRecord,
    ) => Promise<Result<T, AdministrationFailure>>,
  ): Promise<Result<T, AdministrationFailure>> {
    return attempt(this.#options.store, async (repositories) => {
      const before = await repositories.administrators.findByName(name);
      if (before === null) return notFound(name);
      if (ifMatch !== null && ifMatch !== before.version) {
        return refused('API_VERSION_CONFLICT', `it has version ${before.version} by now; read it again`);
      }
      // Nobody need be owner: root makes administrators of any role over the Unix socket.
      const owners = await repositories.administrators.countOwners();
      const changed = await change(repositories, before);
      if (owners > 0 && (await repositories.administrators.countOwners()) === 0) {
        return refused('ADMINISTRATOR_LAST_OWNER', `"${name}" is the last owner; make another one first`);
      }
      return changed;
    });
  }

  async #hash(password: string | null, name: string): Promise<Result<string | null, AdministrationFailure>> {
    return password === null ? ok(null) : this.#options.passwords.hash(password, name);
  }
}

async function record(
  { audit }: Repositories,
  verb: 'create' | 'update' | 'delete' | 'make_link',
  target: string,
  actor: Actor,
  now: number,
  detail: NonNullable<Parameters<Repositories['audit']['insert']>[0]['detail']>,
): Promise<void> {
  await audit.insert({
    actor,
    action: `administrator.${verb}`,
    targetKind: 'administrator',
    target,
    detail,
    now,
  });
}

function notFound(name: string): ReturnType<typeof refused> {
  return refused('ADMINISTRATOR_NOT_FOUND', `there is no administrator "${name}"`);
}
