import type { ProblemTable } from './table.js';

export const leaseProblems = {
  LEASE_NOT_FOUND: [404, 'Nobody has or had this address'],
  LEASE_NOT_QUARANTINED: [409, 'The address is in use'],
} as const satisfies ProblemTable;
