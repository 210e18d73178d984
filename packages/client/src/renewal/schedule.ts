/** When a certificate may be used, UTC milliseconds. */
export interface CertificateLife {
  readonly validFrom: number;
  readonly expiresAt: number;
}

/** Part of a certificate's life over which clients that got theirs at one moment spread their renewals. */
const spread = 1 / 12;

const firstRetryMs = 60_000;
const longestRetryMs = 3_600_000;
const shortestRetryMs = 5_000;
/** A failure near the end of a certificate is repeated more often: so many times in what is left of its life. */
const triesBeforeTheEnd = 5;

/**
 * When to renew: two thirds into the certificate's life, or up to a twelfth of it later. `random` is 0 ≤ x < 1, drawn
 * once for each certificate.
 */
export function renewalTime({ validFrom, expiresAt }: CertificateLife, random: number): number {
  return Math.round(validFrom + (expiresAt - validFrom) * (2 / 3 + spread * random));
}

/**
 * How long to wait when a certificate should have been renewed before we looked: after a start, or a sleep of the
 * machine. Thousands of clients look at the same moment when their server comes back.
 */
export function overdueDelayMs({ expiresAt }: CertificateLife, now: number, random: number): number {
  return Math.round(Math.min(longestRetryMs, Math.max(0, expiresAt - now) * spread) * random);
}

/**
 * The wait after the `failures`-th failure in a row: exponential from a minute to an hour, half of it jitter, sooner
 * when the certificate ends, never sooner than the server asked for.
 */
export function retryDelayMs(
  failures: number,
  { expiresAt }: CertificateLife,
  now: number,
  random: number,
  retryAfterMs = 0,
): number {
  const exponential = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(failures - 1, 10));
  const pressing = Math.max(shortestRetryMs, (expiresAt - now) / triesBeforeTheEnd);
  const wait = Math.min(exponential, pressing) * (0.5 + random / 2);
  return Math.round(Math.max(wait, retryAfterMs));
}
