import type { PolicyFailureCode } from '../../policy/failure.js';
import type { ProblemTable } from './table.js';

const overlap = [409, 'The prefix overlaps another network'] as const;
const fixedAddress = [409, 'The address belongs to somebody else'] as const;

export const policyProblems = {
  GROUP_EXISTS: [409, 'The group exists already'],
  GROUP_NOT_FOUND: [404, 'There is no such group'],
  GROUP_IN_USE: [409, 'Rules name the group'],
  RULE_NOT_FOUND: [404, 'There is no such rule'],
  RULE_LIMIT_REACHED: [422, 'There are as many rules as there may be'],
  RULE_PORTS_WITHOUT_PROTOCOL: [422, 'Only TCP and UDP have ports'],
  RULE_DESTINATION_NOT_CLIENTS: [422, 'Hosts outside can only open flows to clients'],
  PORT_FORWARD_NOT_FOUND: [404, 'There is no such port forward'],
  PORT_FORWARD_TAKEN: [409, 'Another forward has the public port'],
  PORT_FORWARD_RESERVED: [422, 'The server needs the public port'],
  PREFIX_NOT_FOUND: [404, 'The client has no such prefix'],
  PREFIX_OVERLAPS_POOL: overlap,
  PREFIX_OVERLAPS_HOST: overlap,
  PREFIX_OVERLAPS_CLIENT: overlap,
  PREFIX_NOT_ROUTABLE: [422, 'The prefix cannot be behind a client'],
  FIXED_ADDRESS_OUTSIDE_POOL: [422, 'The address lies in no pool'],
  FIXED_ADDRESS_TAKEN: fixedAddress,
  FIXED_ADDRESS_IN_USE: fixedAddress,
} as const satisfies ProblemTable & Record<PolicyFailureCode, unknown>;
