import type { PolicyFailureCode } from '../../policy/failure.js';
import type { ProblemTable } from './table.js';

export const policyProblems = {
  GROUP_EXISTS: [409, 'The group exists already'],
  GROUP_NOT_FOUND: [404, 'There is no such group'],
  GROUP_IN_USE: [409, 'Rules name the group'],
  RULE_NOT_FOUND: [404, 'There is no such rule'],
  RULE_LIMIT_REACHED: [409, 'There are too many rules'],
  RULE_PORTS_WITHOUT_PROTOCOL: [422, 'Ports need TCP or UDP'],
  RULE_DESTINATION_NOT_CLIENTS: [422, 'Hosts outside reach clients and groups only'],
  PORT_FORWARD_NOT_FOUND: [404, 'There is no such port forward'],
  PORT_FORWARD_TAKEN: [409, 'The public port is forwarded already'],
  PORT_FORWARD_RESERVED: [409, 'The server needs the public port'],
  PREFIX_NOT_FOUND: [404, 'There is no such prefix'],
  PREFIX_OVERLAPS_POOL: [409, 'The prefix overlaps a pool'],
  PREFIX_OVERLAPS_HOST: [409, 'The prefix overlaps a network of the server'],
  PREFIX_OVERLAPS_CLIENT: [409, 'The prefix overlaps one of another client'],
  PREFIX_NOT_ROUTABLE: [422, 'The prefix cannot be routed'],
  FIXED_ADDRESS_OUTSIDE_POOL: [422, 'The address is none that clients can have'],
  FIXED_ADDRESS_TAKEN: [409, 'The address is kept for another client'],
  FIXED_ADDRESS_IN_USE: [409, 'Another client has the address now'],
} as const satisfies ProblemTable & Record<PolicyFailureCode, unknown>;
