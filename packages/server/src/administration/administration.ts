import type { Logger } from 'pino';
import type { Sealer } from '../pki/sealer.js';
import type { Clock } from '../process/clock.js';
import type { Store } from '../store/store.js';
import { Account } from './account.js';
import { Administrators } from './administrators.js';
import { SetUpLinks } from './links.js';
import { PasswordLogin } from './login.js';
import { OidcLogin, type OidcLoginOptions } from './oidcLogin.js';
import { Passwords, recommendedCost, type PasswordCost } from './passwords.js';
import { PrincipalWatches } from './principalWatches.js';
import { LoginSessions, type SessionLimits } from './sessions.js';
import { Tokens } from './tokens.js';

export interface AdministrationOptions {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly limits: SessionLimits;
  /** Null: nobody signs in by OIDC. */
  readonly oidc: Pick<OidcLoginOptions, 'provider' | 'policy' | 'onSignIn'> | null;
  readonly logger: Logger;
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
  readonly watches: PrincipalWatches;
  /** Null: not configured. */
  readonly oidc: OidcLogin | null;
}

/** Puts its parts together. */
export function composeAdministration(options: AdministrationOptions): Administration {
  const { store, sealer, oidc, clock, logger } = options;
  const passwords = new Passwords(options.passwordCost ?? recommendedCost);
  const sessions = new LoginSessions(store, clock, options.limits);
  const links = new SetUpLinks({ store, passwords, sessions, clock });
  const tokens = new Tokens(store, clock);
  const shared = { store, passwords, sessions, sealer, clock };
  return {
    sessions,
    links,
    login: new PasswordLogin(shared),
    account: new Account(shared),
    administrators: new Administrators({ store, passwords, links, clock }),
    tokens,
    watches: new PrincipalWatches({ sessions, tokens, clock, logger }),
    oidc: oidc === null ? null : new OidcLogin({ ...oidc, ...shared, logger }),
  };
}
