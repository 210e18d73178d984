/**
 * What the codes of one noun become over HTTP: status and title, the latter the same for every occurrence
 * (RFC 9457 §3.1.3). Declared `as const satisfies ProblemTable`, so that its keys are the codes.
 */
export type ProblemTable = Readonly<Record<string, readonly [status: ProblemStatus, title: string]>>;

/** Status of an expected failure. */
export type ProblemStatus =
  400 | 401 | 403 | 404 | 405 | 408 | 409 | 410 | 412 | 413 | 415 | 422 | 428 | 429 | 431 | 500 | 503;
