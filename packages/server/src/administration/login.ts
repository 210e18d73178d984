import { ok, type Result } from '@masque-vpn/protocol';
import type { Actor } from '../audit/actor.js';
import type { Sealer } from '../pki/sealer.js';
import type { Clock } from '../process/clock.js';
import type { AdministratorRecord } from '../store/administrators.js';
import type { Repositories } from '../store/repositories.js';
import type { Store } from '../store/store.js';
import { refused, throttled, type AdministrationFailure } from './failure.js';
import type { Passwords } from './passwords.js';
import type { LoginSessions } from './sessions.js';
import { accountKey, accountPolicy, addressKey, addressPolicy, countFailure, lockedFor } from './throttle.js';
import { matchTotp } from './totp.js';

/** What somebody types to sign in. */
export interface Credentials {
  readonly name: string;
  readonly password: string;
  /** Of the second factor; null: none given. */
  readonly code: string | null;
}

/** Where a login comes from. */
export interface LoginOrigin {
  /** Null: the Unix socket, which nobody is locked out of. */
  readonly remoteAddress: string | null;
  readonly userAgent: string;
}

export interface LoginOptions {
  readonly store: Store;
  readonly passwords: Passwords;
  readonly sessions: LoginSessions;
  /** Opens the secrets of second factors. */
  readonly sealer: Sealer;
  readonly clock: Clock;
}

/** Attempts under one name, or from one address, that are under way at a time: guesses wait for each other. */
const underWayMost = 3;

/** Signs administrators in by name, password and code. */
export class PasswordLogin {
  readonly #options: LoginOptions;
  readonly #underWay = new Map<string, number>();

  constructor(options: LoginOptions) {
    this.#options = options;
  }

  /**
   * Signs in; returns the cookie's value. Codes: LOGIN_REFUSED for whatever of name and password is wrong,
   * LOGIN_CODE_REQUIRED, LOGIN_THROTTLED, LOGIN_OVERLOADED. Throws `StoreError`.
   */
  async login(
    credentials: Credentials,
    origin: LoginOrigin,
  ): Promise<Result<{ readonly cookie: string }, AdministrationFailure>> {
    const keys = [accountKey(credentials.name), addressKey(origin.remoteAddress ?? '')];
    if (keys.some((key) => (this.#underWay.get(key) ?? 0) >= underWayMost)) return throttled(1_000);
    for (const key of keys) this.#underWay.set(key, (this.#underWay.get(key) ?? 0) + 1);
    try {
      return await this.#attempt(credentials, origin);
    } finally {
      for (const key of keys) {
        const left = (this.#underWay.get(key) ?? 0) - 1;
        if (left > 0) this.#underWay.set(key, left);
        else this.#underWay.delete(key);
      }
    }
  }

  async #attempt(
    { name, password, code }: Credentials,
    origin: LoginOrigin,
  ): Promise<Result<{ readonly cookie: string }, AdministrationFailure>> {
    const { store, passwords, clock } = this.#options;
    const administrator = await store.administrators.findByName(name);
    const locked = await this.#lockedFor(name, administrator, origin.remoteAddress);
    if (locked > 0) return throttled(locked);
    const checked = await passwords.check(password, administrator?.passwordHash ?? null);
    if (!checked.ok) return checked;
    if (administrator?.enabled !== true || !checked.value.right) {
      return this.#refuse(name, administrator, origin, 'password');
    }
    if (administrator.totpSecret !== null) {
      if (code === null) return this.#askForCode(administrator, origin);
      const secret = this.#options.sealer.open(administrator.totpSecret);
      const step = secret.ok ? matchTotp(secret.value, code, clock.now(), administrator.totpLastStep) : null;
      if (step === null || !(await store.administrators.takeTotpStep(administrator.uuid, step))) {
        return this.#refuse(name, administrator, origin, 'code');
      }
    }
    if (checked.value.outdated) await this.#renewHash(administrator, password);
    return ok({ cookie: await this.#admit(administrator, origin) });
  }

  /** Milliseconds. An address from which the same administrator is signed in now is not kept out by others' guesses. */
  async #lockedFor(
    name: string,
    administrator: AdministratorRecord | null,
    remoteAddress: string | null,
  ): Promise<number> {
    if (remoteAddress === null) return 0;
    const { store, clock } = this.#options;
    const now = clock.now();
    const address = await lockedFor(store.loginFailures, addressKey(remoteAddress), now);
    const account = await lockedFor(store.loginFailures, accountKey(name), now);
    if (account === 0 || administrator === null) return Math.max(address, account);
    const known = await store.logins.knows(administrator.uuid, remoteAddress, now);
    return known ? address : Math.max(address, account);
  }

  /**
   * Says that the password was right: recorded, as the next to know may not be its owner, and counted until a whole
   * login, so that nobody asks without end whether a password is still good (OWASP ASVS 5.0, 6.3.1 and 6.3.5). Not
   * counted for the address: every login of a page begins like this, and many people may share one.
   */
  async #askForCode(
    { name }: AdministratorRecord,
    { remoteAddress }: LoginOrigin,
  ): Promise<Result<never, AdministrationFailure>> {
    const { store, clock } = this.#options;
    const now = Math.trunc(clock.now());
    const lockMs = await store.atomically(async (repositories) => {
      const lockedMs = await countFailure(repositories.loginFailures, accountKey(name), accountPolicy, now);
      await repositories.audit.insert({
        actor: { kind: 'anonymous', name: 'anonymous', remoteAddress },
        action: 'login.ask_code',
        targetKind: 'administrator',
        target: name,
        detail: { lockedMs },
        now,
      });
      return lockedMs;
    });
    return refused(
      'LOGIN_CODE_REQUIRED',
      `send the code of your authenticator app as well${againAfter(lockMs)}`,
      ...after(lockMs),
    );
  }

  async #refuse(
    name: string,
    administrator: AdministratorRecord | null,
    { remoteAddress }: LoginOrigin,
    wrong: 'password' | 'code',
  ): Promise<Result<never, AdministrationFailure>> {
    const { store, clock } = this.#options;
    const now = Math.trunc(clock.now());
    const lockMs = await store.atomically(async (repositories) => {
      const account = await countFailure(repositories.loginFailures, accountKey(name), accountPolicy, now);
      const address =
        remoteAddress === null
          ? 0
          : await countFailure(repositories.loginFailures, addressKey(remoteAddress), addressPolicy, now);
      await repositories.audit.insert({
        actor: { kind: 'anonymous', name: 'anonymous', remoteAddress },
        action: 'login.refuse',
        targetKind: 'administrator',
        // What is no name may be a password in the wrong field.
        target: administrator?.name ?? '',
        detail: { wrong: administrator === null ? 'name' : wrong, lockedMs: Math.max(account, address) },
        now,
      });
      return Math.max(account, address);
    });
    return refused('LOGIN_REFUSED', `name, password or code is wrong${againAfter(lockMs)}`, ...after(lockMs));
  }

  async #admit(administrator: AdministratorRecord, origin: LoginOrigin): Promise<string> {
    const { store, sessions, clock } = this.#options;
    const { remoteAddress, userAgent } = origin;
    const { uuid, name } = administrator;
    return store.atomically(async (repositories) => {
      await repositories.loginFailures.delete(accountKey(name));
      const actor: Actor = { kind: 'administrator', name, remoteAddress };
      const opened = { administratorUuid: uuid, person: null, remoteAddress, userAgent };
      return admit(repositories, sessions, { actor, session: opened, how: 'password', now: clock.now() });
    });
  }

  async #renewHash({ uuid, name, passwordHash }: AdministratorRecord, password: string): Promise<void> {
    const { store, passwords } = this.#options;
    const hashed = await passwords.hash(password, name);
    if (hashed.ok && passwordHash !== null) {
      await store.administrators.replaceHash(uuid, passwordHash, hashed.value);
    }
  }
}

/** Opens a session and records that; returns the cookie's value. */
export async function admit(
  repositories: Repositories,
  sessions: LoginSessions,
  login: {
    readonly actor: Actor;
    readonly session: Parameters<LoginSessions['open']>[1];
    readonly how: 'password' | 'oidc' | 'link';
    readonly now: number;
  },
): Promise<string> {
  const { actor, session, how, now } = login;
  const cookie = await sessions.open(repositories, session);
  if (session.administratorUuid !== null) {
    await repositories.administrators.noteLogin(session.administratorUuid, now);
  }
  await repositories.audit.insert({
    actor,
    action: 'login.accept',
    targetKind: actor.kind,
    target: actor.name,
    detail: { how },
    now,
  });
  return cookie;
}

function againAfter(lockMs: number): string {
  return lockMs > 0 ? `; the next attempt is possible in ${Math.ceil(lockMs / 1000)} s` : '';
}

function after(lockMs: number): [] | [number] {
  return lockMs > 0 ? [Math.ceil(lockMs / 1000)] : [];
}
