import {
  exactly,
  fail,
  isAssignable,
  isWholeNetwork,
  ok,
  restrictRoutes,
  scopeFamilies,
  type IpAddress,
  type IpFamily,
  type Result,
  type Route,
  type RouteRestriction,
  type Scope,
} from '@masque-vpn/protocol';
import type { AdmissionRefusalCode } from './refusal.js';
import type { ResolveName } from './nameResolution.js';

/** What a session may be given: routes within its scope, addresses of these families, DNS. */
export interface Grant {
  readonly routes: readonly Route[];
  readonly families: readonly IpFamily[];
  /** What of other routes lies within the same scope: for a session whose routes change while it lives. */
  readonly narrow: (advertised: readonly Route[]) => readonly Route[];
  /** Whether it is told about DNS: a flow is not (draft-ietf-masque-connect-ip-dns-06 §1), only a VPN. */
  readonly takesDns: boolean;
}

export interface ScopeContext {
  /** Routes that are offered to whoever asks. */
  readonly advertised: readonly Route[];
  /** Families that have a pool. */
  readonly families: readonly IpFamily[];
  readonly resolve: ResolveName;
}

/**
 * Turns a scope into routes (CIP-406, CIP-407, CIP-807). Synchronous unless the target is a host name, which is
 * resolved before the answer (CIP-308) and checked after (CIP-1602).
 */
export function grantFor(
  scope: Scope,
  context: ScopeContext,
): Result<Grant, AdmissionRefusalCode> | Promise<Result<Grant, AdmissionRefusalCode>> {
  const { target } = scope;
  if (target.kind === 'hostname') return grantForName(target.name, scope, context);
  if (target.kind === 'prefix' && isHost(target.prefix) && !isAssignable(target.prefix.address)) {
    return fail('TARGET_PROHIBITED');
  }
  return restrict(scope, context, []);
}

async function grantForName(
  name: string,
  scope: Scope,
  context: ScopeContext,
): Promise<Result<Grant, AdmissionRefusalCode>> {
  const resolved = await context.resolve(name);
  if (!resolved.ok) return resolved;
  if (resolved.value.length === 0) return fail('TARGET_UNRESOLVED');
  const permitted = resolved.value.filter(isAssignable);
  return permitted.length === 0 ? fail('TARGET_PROHIBITED') : restrict(scope, context, permitted);
}

function restrict(
  scope: Scope,
  context: ScopeContext,
  resolved: readonly IpAddress[],
): Result<Grant, AdmissionRefusalCode> {
  const families = exactly(scopeFamilies(scope).filter((family) => context.families.includes(family)));
  const narrow = narrowing(scope, { resolved, families });
  const routes = narrow(context.advertised);
  return routes.length === 0
    ? fail('TARGET_UNROUTABLE')
    : ok({ routes, families, narrow, takesDns: isWholeNetwork(scope) });
}

/** Lives as long as the session, so it refers to nothing else. */
function narrowing(scope: Scope, restriction: RouteRestriction): Grant['narrow'] {
  return (advertised) => restrictRoutes(advertised, scope, restriction);
}

function isHost({ address, length }: { readonly address: IpAddress; readonly length: number }): boolean {
  return length === (address.family === 4 ? 32 : 128);
}
