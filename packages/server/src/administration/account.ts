import { ok, type Result } from '@masque-vpn/protocol';
import type { Actor } from '../audit/actor.js';
import type { Sealer } from '../pki/sealer.js';
import type { Clock } from '../process/clock.js';
import type { AdministratorRecord } from '../store/administrators.js';
import type { Store } from '../store/store.js';
import { refused, throttled, type AdministrationFailure } from './failure.js';
import type { Passwords } from './passwords.js';
import type { Principal } from './principal.js';
import type { LoginSessions, SessionOfAdministrator } from './sessions.js';
import { accountPolicy, confirmationKey, countFailure, lockedFor } from './throttle.js';
import { matchTotp, newTotpSecret, totpUri } from './totp.js';

export interface AccountOptions {
  readonly store: Store;
  readonly passwords: Passwords;
  readonly sessions: LoginSessions;
  readonly sealer: Sealer;
  readonly clock: Clock;
}

/** What an authenticator app needs. */
export interface TotpOffer {
  /** Base32. */
  readonly secret: string;
  /** `otpauth://…`, for a QR code. */
  readonly uri: string;
}

/**
 * What administrators do with their own account, signed in by cookie: a token stands for a program, which has no
 * password to change. Every method may fail with ADMINISTRATOR_ONLY, and throws `StoreError` when the store is lost.
 */
export class Account {
  readonly #options: AccountOptions;

  constructor(options: AccountOptions) {
    this.#options = options;
  }

  /** Whether the second factor is on; null for those who have no account. */
  async hasTotp(principal: Principal): Promise<boolean | null> {
    const own = await this.#own(principal);
    return own.ok ? own.value.administrator.totpSecret !== null : null;
  }

  /** Ends this session. */
  async logout(principal: Principal): Promise<void> {
    const { via, actor } = principal;
    if (via.kind !== 'cookie') return;
    await this.#options.store.atomically(async (repositories) => {
      await repositories.logins.delete(via.secretSha256);
      await repositories.audit.insert({
        ...recordOf(actor, 'login.end'),
        now: this.#options.clock.now(),
      });
    });
  }

  /** Ends all other sessions. Codes: LOGIN_REFUSED, LOGIN_THROTTLED, PASSWORD_TOO_WEAK, LOGIN_OVERLOADED. */
  async changePassword(
    principal: Principal,
    passwordsGiven: { readonly current: string; readonly next: string },
  ): Promise<Result<null, AdministrationFailure>> {
    const own = await this.#own(principal);
    if (!own.ok) return own;
    const { administrator, secretSha256 } = own.value;
    const confirmed = await this.#confirm(principal, administrator, passwordsGiven.current);
    if (!confirmed.ok) return confirmed;
    const { store, passwords, clock } = this.#options;
    const hashed = await passwords.hash(passwordsGiven.next, administrator.name);
    if (!hashed.ok) return hashed;
    await store.atomically(async (repositories) => {
      const at = { now: clock.now(), version: null };
      await repositories.administrators.update(administrator.uuid, { passwordHash: hashed.value }, at);
      await repositories.loginFailures.delete(confirmationKey(administrator.uuid));
      const sessionsEnded = await repositories.logins.deleteAllOf(administrator.uuid, secretSha256);
      await repositories.audit.insert({
        ...recordOf(principal.actor, 'administrator.set_password'),
        detail: { by: 'themselves', sessionsEnded },
        now: clock.now(),
      });
    });
    return ok(null);
  }

  /** A secret for an authenticator app; nothing is on yet. Code: TOTP_ALREADY_ON. */
  async offerTotp(principal: Principal): Promise<Result<TotpOffer, AdministrationFailure>> {
    const own = await this.#own(principal);
    if (!own.ok) return own;
    const { administrator } = own.value;
    if (administrator.totpSecret !== null) return alreadyOn();
    const secret = newTotpSecret();
    return ok({ secret, uri: totpUri(secret, 'masque-vpn', administrator.name) });
  }

  /**
   * Turns the second factor on. Codes: TOTP_ALREADY_ON, TOTP_CODE_WRONG, LOGIN_REFUSED, LOGIN_THROTTLED,
   * LOGIN_OVERLOADED.
   */
  async turnTotpOn(
    principal: Principal,
    given: { readonly secret: string; readonly code: string; readonly password: string },
  ): Promise<Result<null, AdministrationFailure>> {
    const own = await this.#own(principal);
    if (!own.ok) return own;
    const { administrator } = own.value;
    if (administrator.totpSecret !== null) return alreadyOn();
    const confirmed = await this.#confirm(principal, administrator, given.password);
    if (!confirmed.ok) return confirmed;
    const { sealer, clock } = this.#options;
    const step = matchTotp(given.secret, given.code, clock.now(), null);
    if (step === null) return wrongCode();
    const totp = { totpSecret: sealer.seal(given.secret), totpLastStep: step };
    await this.#setTotp(principal.actor, administrator, totp);
    return ok(null);
  }

  /** Turns it off. Codes: TOTP_NOT_ON, TOTP_CODE_WRONG, LOGIN_REFUSED, LOGIN_THROTTLED, LOGIN_OVERLOADED. */
  async turnTotpOff(
    principal: Principal,
    given: { readonly code: string; readonly password: string },
  ): Promise<Result<null, AdministrationFailure>> {
    const own = await this.#own(principal);
    if (!own.ok) return own;
    const { administrator } = own.value;
    if (administrator.totpSecret === null) return refused('TOTP_NOT_ON', 'there is no second factor');
    const confirmed = await this.#confirm(principal, administrator, given.password);
    if (!confirmed.ok) return confirmed;
    const { sealer, clock } = this.#options;
    const secret = sealer.open(administrator.totpSecret);
    const step = secret.ok
      ? matchTotp(secret.value, given.code, clock.now(), administrator.totpLastStep)
      : null;
    if (step === null) {
      await this.#noteWrong(principal, administrator, 'code');
      return wrongCode();
    }
    await this.#setTotp(principal.actor, administrator, { totpSecret: null, totpLastStep: null });
    return ok(null);
  }

  /** Open sessions of this administrator, the newest first. */
  async sessions(
    principal: Principal,
  ): Promise<Result<readonly SessionOfAdministrator[], AdministrationFailure>> {
    const own = await this.#own(principal);
    return own.ok ? ok(await this.#options.sessions.list(own.value.administrator.uuid)) : own;
  }

  /** Code: LOGIN_SESSION_NOT_FOUND. */
  async endSession(principal: Principal, uuid: string): Promise<Result<null, AdministrationFailure>> {
    const own = await this.#own(principal);
    if (!own.ok) return own;
    return this.#options.store.atomically(async (repositories) => {
      if (!(await repositories.logins.deleteSession(own.value.administrator.uuid, uuid))) {
        return refused('LOGIN_SESSION_NOT_FOUND', 'there is no such session of yours');
      }
      await repositories.audit.insert({
        ...recordOf(principal.actor, 'login.end'),
        detail: { session: uuid },
        now: this.#options.clock.now(),
      });
      return ok(null);
    });
  }

  async #own(
    principal: Principal,
  ): Promise<
    Result<
      { readonly administrator: AdministratorRecord; readonly secretSha256: string },
      AdministrationFailure
    >
  > {
    const { via } = principal;
    const administrator =
      via.kind === 'cookie' && via.administratorUuid !== null
        ? await this.#options.store.administrators.find(via.administratorUuid)
        : null;
    if (via.kind !== 'cookie' || administrator === null) {
      return refused('ADMINISTRATOR_ONLY', 'only administrators who signed in have an account of their own');
    }
    return ok({ administrator, secretSha256: via.secretSha256 });
  }

  /** Whoever sits down at an open browser does not know the password, and must not find it out here. */
  async #confirm(
    principal: Principal,
    administrator: AdministratorRecord,
    password: string,
  ): Promise<Result<null, AdministrationFailure>> {
    const { store, passwords, clock } = this.#options;
    const locked = await lockedFor(store.loginFailures, confirmationKey(administrator.uuid), clock.now());
    if (locked > 0) return throttled(locked);
    const checked = await passwords.check(password, administrator.passwordHash);
    if (!checked.ok) return checked;
    if (checked.value.right) return ok(null);
    await this.#noteWrong(principal, administrator, 'password');
    return refused('LOGIN_REFUSED', 'the current password is wrong');
  }

  async #noteWrong(
    { actor }: Principal,
    { uuid }: AdministratorRecord,
    wrong: 'password' | 'code',
  ): Promise<void> {
    const now = Math.trunc(this.#options.clock.now());
    await this.#options.store.atomically(async ({ loginFailures, audit }) => {
      const lockedMs = await countFailure(loginFailures, confirmationKey(uuid), accountPolicy, now);
      await audit.insert({ ...recordOf(actor, 'login.refuse'), detail: { wrong, lockedMs }, now });
    });
  }

  async #setTotp(
    actor: Actor,
    administrator: AdministratorRecord,
    totp: { readonly totpSecret: string | null; readonly totpLastStep: number | null },
  ): Promise<void> {
    const { store, clock } = this.#options;
    await store.atomically(async (repositories) => {
      const at = { now: clock.now(), version: null };
      await repositories.administrators.update(administrator.uuid, totp, at);
      await repositories.loginFailures.delete(confirmationKey(administrator.uuid));
      await repositories.audit.insert({
        ...recordOf(actor, 'administrator.set_totp'),
        detail: { totp: totp.totpSecret === null ? 'off' : 'on' },
        now: clock.now(),
      });
    });
  }
}

function recordOf(
  actor: Actor,
  action: string,
): {
  readonly actor: Actor;
  readonly action: string;
  readonly targetKind: string;
  readonly target: string;
} {
  return { actor, action, targetKind: actor.kind, target: actor.name };
}

function alreadyOn(): ReturnType<typeof refused> {
  return refused('TOTP_ALREADY_ON', 'the second factor is on; turn it off first');
}

function wrongCode(): ReturnType<typeof refused> {
  return refused('TOTP_CODE_WRONG', 'the code is wrong; is the clock of the device right?');
}
