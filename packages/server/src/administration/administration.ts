import type { Sealer } from '../pki/sealer.js';
import type { Clock } from '../process/clock.js';
import type { Store } from '../store/store.js';
import { Account } from './account.js';
import { Administrators } from './administrators.js';
import { SetUpLinks } from './links.js';
import { PasswordLogin } from './login.js';
import { Passwords, recommendedCost, type PasswordCost } from './passwords.js';
import { LoginSessions, type SessionLimits } from './sessions.js';
import { Tokens } from './tokens.js';

export interface AdministrationOptions {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly limits: SessionLimits;
  /** Absent: as recommended. */
  readonly passwordCost?: PasswordCost;
}

/** Who may administer, and how they show that they are it. */
export interface Administration {
  readonly sessions: LoginSessions;
  readonly login: PasswordLogin;
  readonly links: SetUpLinks;
  readonly account: Account;
  readonly administrators: Administrators;
  readonly tokens: Tokens;
}

/** Puts its parts together. */
export function composeAdministration(options: AdministrationOptions): Administration {
  const { store, sealer, clock } = options;
  const passwords = new Passwords(options.passwordCost ?? recommendedCost);
  const sessions = new LoginSessions(store, clock, options.limits);
  const links = new SetUpLinks({ store, passwords, sessions, clock });
  const shared = { store, passwords, sessions, sealer, clock };
  return {
    sessions,
    links,
    login: new PasswordLogin(shared),
    account: new Account(shared),
    administrators: new Administrators({ store, passwords, links, clock }),
    tokens: new Tokens(store, clock),
  };
}
