import { fail } from '@masque-vpn/protocol';

/** Why a change of the policy was refused; `docs/errors.md` explains each. */
export const policyFailureCodes = [
  'GROUP_EXISTS',
  'GROUP_NOT_FOUND',
  /** Rules name the group. */
  'GROUP_IN_USE',
  'RULE_NOT_FOUND',
  'RULE_LIMIT_REACHED',
  /** Ports without TCP or UDP. */
  'RULE_PORTS_WITHOUT_PROTOCOL',
  /** Hosts outside as subject, and a destination that is no group or client. */
  'RULE_DESTINATION_NOT_CLIENTS',
  'PORT_FORWARD_NOT_FOUND',
  /** Another forward has the public port. */
  'PORT_FORWARD_TAKEN',
  /** The server itself, or what one would lock oneself out by, uses the public port. */
  'PORT_FORWARD_RESERVED',
  'PREFIX_NOT_FOUND',
  /** Overlaps a pool. */
  'PREFIX_OVERLAPS_POOL',
  /** Overlaps a network that the host itself is in. */
  'PREFIX_OVERLAPS_HOST',
  /** Overlaps what another client has. */
  'PREFIX_OVERLAPS_CLIENT',
  /** Too wide, or what nobody may route: default route, loopback, multicast, link-local. */
  'PREFIX_NOT_ROUTABLE',
  /** Lies in no pool, or is the server's own. */
  'FIXED_ADDRESS_OUTSIDE_POOL',
  /** Another client has it for good. */
  'FIXED_ADDRESS_TAKEN',
  /** Another client's session holds it now, or did a moment ago. */
  'FIXED_ADDRESS_IN_USE',
] as const;
export type PolicyFailureCode = (typeof policyFailureCodes)[number];

/** An expected failure as data; `message` is for people. */
export interface PolicyFailure {
  readonly code: PolicyFailureCode | 'CLIENT_NOT_FOUND' | 'API_VERSION_CONFLICT';
  readonly message: string;
}

interface Failed {
  readonly ok: false;
  readonly error: PolicyFailure;
}

export function groupMissing(slug: string): Failed {
  return fail({ code: 'GROUP_NOT_FOUND', message: `there is no group "${slug}"` });
}

export function clientMissing(slug: string): Failed {
  return fail({ code: 'CLIENT_NOT_FOUND', message: `there is no client "${slug}"` });
}

export function changedMeanwhile(version: number): Failed {
  return fail({
    code: 'API_VERSION_CONFLICT',
    message: `it has version ${version} by now; read it again, then repeat the change with If-Match: "${version}"`,
  });
}
