import type { ProblemTable } from './table.js';

export const sessionProblems = {
  SESSION_NOT_FOUND: [404, 'There is no such session'],
} as const satisfies ProblemTable;
