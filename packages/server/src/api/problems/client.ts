import type { ProblemTable } from './table.js';

export const clientProblems = {
  CLIENT_EXISTS: [409, 'The client exists already'],
  CLIENT_NOT_FOUND: [404, 'There is no such client'],
  CERTIFICATE_NOT_FOUND: [404, 'There is no such certificate'],
} as const satisfies ProblemTable;
