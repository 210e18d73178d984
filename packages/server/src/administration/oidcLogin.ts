import { ok, type Result } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Actor } from '../audit/actor.js';
import type { OidcSettings } from '../config/oidc.js';
import type { Sealer } from '../pki/sealer.js';
import type { Clock } from '../process/clock.js';
import type { AdministratorRecord } from '../store/administrators.js';
import type { Repositories } from '../store/repositories.js';
import type { Store } from '../store/store.js';
import { refused, type AdministrationFailure } from './failure.js';
import { admit, type LoginOrigin } from './login.js';
import type { OidcFailure, OidcProvider } from './oidcProvider.js';
import type { Role } from './permissions.js';
import { sha256Of } from './secret.js';
import { roleOf, type LoginSessions } from './sessions.js';
import type { VouchedPerson } from './vouchedPerson.js';

/** Which holders of which groups may do what. */
export type OidcPolicy = Pick<OidcSettings, 'label' | 'owners' | 'operators' | 'readers' | 'deviceUsers'>;

export interface OidcLoginOptions {
  readonly provider: Pick<OidcProvider, 'start' | 'finish'>;
  readonly policy: OidcPolicy;
  readonly store: Store;
  readonly sessions: LoginSessions;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of everybody whom the provider vouches for, before they are let in: their devices follow their groups. */
  readonly onSignIn: (person: VouchedPerson, actor: Actor) => Promise<void>;
}

/** Time for somebody to sign in at the provider, milliseconds. */
export const oidcPatienceMs = 10 * 60_000;

/** Logins under way that are remembered; the newest win. */
const mostUnderWay = 1_000;

const startedSchema = z.object({ nonce: z.string(), codeVerifier: z.string() });

/** Signs people in whom an OpenID Connect provider vouches for. */
export class OidcLogin {
  readonly #options: OidcLoginOptions;

  constructor(options: OidcLoginOptions) {
    this.#options = options;
  }

  /** What the login page calls it. */
  get label(): string {
    return this.#options.policy.label;
  }

  /**
   * Where the browser goes, and what it has to bring back in a cookie: nobody finishes a login in somebody else's
   * browser. Code: OIDC_UNREACHABLE. Throws `StoreError`.
   */
  async start({
    remoteAddress,
  }: LoginOrigin): Promise<Result<{ readonly url: string; readonly state: string }, AdministrationFailure>> {
    const { provider, store, sealer, clock } = this.#options;
    const started = await provider.start();
    if (!started.ok) return this.#failed(started.error);
    const { url, state, nonce, codeVerifier } = started.value;
    const now = clock.now();
    await store.logins.insert({
      secretSha256: sha256Of(state),
      kind: 'oidc',
      administratorUuid: null,
      detail: JSON.stringify({ sealed: sealer.seal(JSON.stringify({ nonce, codeVerifier })) }),
      remoteAddress: remoteAddress ?? '',
      now,
      expiresAt: now + oidcPatienceMs,
    });
    await store.logins.keepNewest('oidc', mostUnderWay);
    return ok({ url: url.href, state });
  }

  /**
   * Signs in who came back; returns the cookie's value. Codes: OIDC_LOGIN_FAILED, OIDC_NOT_PERMITTED,
   * OIDC_UNREACHABLE. Throws `StoreError`.
   */
  async finish(
    query: URLSearchParams,
    state: string | null,
    origin: LoginOrigin,
  ): Promise<Result<{ readonly cookie: string }, AdministrationFailure>> {
    const { provider, policy, store, onSignIn } = this.#options;
    const started = state === null || query.get('state') !== state ? null : await this.#take(state);
    if (state === null || started === null) {
      return refused(
        'OIDC_LOGIN_FAILED',
        'this login was not begun in this browser, or took too long; begin again',
      );
    }
    const vouched = await provider.finish(query, { state, ...started });
    if (!vouched.ok) return this.#failed(vouched.error);
    const person = vouched.value;
    const role = roleIn(person, policy);
    const hasDevices = policy.deviceUsers.includes('*') || sharesOne(person.groups, policy.deviceUsers);
    const actor: Actor = { kind: 'person', name: person.name, remoteAddress: origin.remoteAddress };
    // Also of somebody who is kept out from now on: what groups gave their devices is gone with the groups.
    await onSignIn(person, actor);
    const outcome = await store.atomically(async (repositories) => {
      const administrator = await this.#administrator(repositories, person, role, actor);
      if (administrator === 'disabled' || (administrator === null && !hasDevices)) {
        await this.#recordRefusal(repositories, actor, person);
        return null;
      }
      const session = {
        administratorUuid: administrator?.uuid ?? null,
        person: hasDevices ? person : null,
        remoteAddress: origin.remoteAddress,
        userAgent: origin.userAgent,
      };
      const signedIn: Actor =
        administrator === null ? actor : { ...actor, kind: 'administrator', name: administrator.name };
      const now = this.#options.clock.now();
      return admit(repositories, this.#options.sessions, { actor: signedIn, session, how: 'oidc', now });
    });
    if (outcome === null) {
      return refused(
        'OIDC_NOT_PERMITTED',
        'the provider vouches for you, but you have no right to anything here',
      );
    }
    return ok({ cookie: outcome });
  }

  async #take(state: string): Promise<z.output<typeof startedSchema> | null> {
    const { store, sealer, clock } = this.#options;
    const login = await store.logins.take('oidc', sha256Of(state), clock.now());
    if (login === null) return null;
    const { sealed } = z.object({ sealed: z.string() }).parse(JSON.parse(login.detail));
    const opened = sealer.open(sealed);
    return opened.ok ? startedSchema.parse(JSON.parse(opened.value)) : null;
  }

  /**
   * The administrator that this person is, with the role that the provider's groups give now; null: none. An account
   * with a password is never taken over by somebody whom the provider calls the same.
   */
  async #administrator(
    repositories: Repositories,
    { issuer, subject, name }: VouchedPerson,
    role: Role | null,
    actor: Actor,
  ): Promise<AdministratorRecord | 'disabled' | null> {
    const { administrators, logins } = repositories;
    const known = await administrators.findByIdentity(issuer, subject);
    const now = this.#options.clock.now();
    if (role === null) {
      // Whoever lost the groups loses the sessions that came with them.
      if (known !== null) await logins.deleteAllOf(known.uuid);
      return null;
    }
    if (known === null) {
      const oidc = { oidcIssuer: issuer, oidcSubject: subject };
      const wanted = accountName(name);
      const created =
        (await administrators.create({ name: wanted, role, ...oidc, now })) ??
        (await administrators.create({
          name: `${wanted}-${sha256Of(`${issuer} ${subject}`).slice(0, 8)}`,
          role,
          ...oidc,
          now,
        }));
      if (created === null) return 'disabled';
      await this.#record(repositories, 'administrator.create', created.name, actor, { role, by: 'oidc' });
      return created;
    }
    if (!known.enabled) return 'disabled';
    if (roleOf(known) === role) return known;
    await logins.deleteAllOf(known.uuid);
    await this.#record(repositories, 'administrator.update', known.name, actor, { role, by: 'oidc' });
    return (await administrators.update(known.uuid, { role }, { now, version: null })) ?? 'disabled';
  }

  async #recordRefusal(repositories: Repositories, actor: Actor, person: VouchedPerson): Promise<void> {
    await repositories.audit.insert({
      actor,
      action: 'login.refuse',
      targetKind: 'person',
      target: `${person.issuer} ${person.subject}`,
      detail: { how: 'oidc' },
      now: this.#options.clock.now(),
    });
  }

  async #record(
    repositories: Repositories,
    action: string,
    target: string,
    actor: Actor,
    detail: Readonly<Record<string, string>>,
  ): Promise<void> {
    const now = this.#options.clock.now();
    await repositories.audit.insert({ actor, action, targetKind: 'administrator', target, detail, now });
  }

  #failed({ kind, detail }: OidcFailure): ReturnType<typeof refused> {
    this.#options.logger.warn({ detail }, 'a login by OpenID Connect failed');
    return kind === 'unreachable'
      ? refused('OIDC_UNREACHABLE', 'the provider does not answer; the log of the server says more', 10)
      : refused('OIDC_LOGIN_FAILED', 'the provider did not vouch for you; the log of the server says more');
  }
}

/** The highest role that the groups of a person give. */
function roleIn({ groups }: VouchedPerson, { owners, operators, readers }: OidcPolicy): Role | null {
  if (sharesOne(groups, owners)) return 'owner';
  if (sharesOne(groups, operators)) return 'operator';
  return sharesOne(groups, readers) ? 'reader' : null;
}

function sharesOne(groups: readonly string[], wanted: readonly string[]): boolean {
  return wanted.some((group) => groups.includes(group));
}

/** What the provider calls somebody, as a name of an administrator. */
function accountName(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9._@+-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 100);
  return plain === '' ? 'person' : plain;
}
