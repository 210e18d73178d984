import type { Actor } from '../audit/actor.js';
import type { Permission } from './permissions.js';

/** Who makes a request, after all checks: what they may do, and under which name it is recorded. */
export interface Principal {
  /** As the audit log names them. */
  readonly actor: Actor;
  readonly permissions: ReadonlySet<Permission>;
  /** Uuid of the administrator behind a cookie or a token; null for all others. */
  readonly administratorUuid: string | null;
  /** `issuer subject` of somebody who signed in by OIDC, for their own devices; null for all others. */
  readonly person: string | null;
}
