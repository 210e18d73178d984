import { localActor, type Actor } from '../audit/actor.js';
import { allPermissions, noPermissions, type Permission } from './permissions.js';

/** Who makes a request, after all checks: what they may do, and under which name it is recorded. */
export interface Principal {
  /** As the audit log names them. */
  readonly actor: Actor;
  readonly permissions: ReadonlySet<Permission>;
  /** How they showed who they are. */
  readonly via: Via;
  /** Somebody who signed in by OIDC, for their own devices; null for all others. */
  readonly person: Person | null;
}

export type Via =
  /** Not at all. */
  | { readonly kind: 'nothing' }
  /** The Unix socket, which only the server's own user opens. */
  | { readonly kind: 'socket' }
  | {
      readonly kind: 'cookie';
      /** Name of the session in the API, and how it is stored. */
      readonly sessionUuid: string;
      readonly secretSha256: string;
      /** Null for a {@link Person} who does not administer. */
      readonly administratorUuid: string | null;
    }
  | {
      readonly kind: 'token';
      readonly tokenUuid: string;
      /** Who made it; null: root on the server. */
      readonly administratorUuid: string | null;
    };

/** What the provider said of somebody. */
export interface Person {
  readonly issuer: string;
  readonly subject: string;
  /** For people to read: mail address or name. */
  readonly name: string;
  /** Values of the groups claim. */
  readonly groups: readonly string[];
}

/** Whoever the file system let in. */
export const socketPrincipal: Principal = {
  actor: localActor,
  permissions: allPermissions,
  via: { kind: 'socket' },
  person: null,
};

/** Nobody yet. */
export function anonymous(remoteAddress: string | null): Principal {
  return {
    actor: { kind: 'anonymous', name: 'anonymous', remoteAddress },
    permissions: noPermissions,
    via: { kind: 'nothing' },
    person: null,
  };
}
