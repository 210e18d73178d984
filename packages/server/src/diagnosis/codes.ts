/** Why a client cannot connect, in the words of admission where it is the same; each is in `docs/errors.md`. */
export const connectionCodes = [
  'CLIENT_DISABLED',
  'CLIENT_EXPIRED',
  /** There is no certificate, and no link to get one. */
  'CLIENT_NOT_ENROLLED',
  'LINK_UNUSED',
  'LINK_EXPIRED',
  'CERTIFICATE_REVOKED',
  'CERTIFICATE_EXPIRED',
  'CERTIFICATE_NOT_YET_VALID',
  'CERTIFICATE_EXPIRES_SOON',
  'TUN_DOWN',
  'STORE_UNAVAILABLE',
  'QUOTA_EXCEEDED',
  'POOL_EXHAUSTED',
  'LIMIT_PER_CLIENT',
  'LIMIT_OF_SERVER',
  'REFUSED_LATELY',
  /** Its fixed address is kept for it, but somebody else still has it or had it a moment ago. */
  'ADDRESS_RESTING',
  /** It has a certificate, and nothing of it ever arrived. */
  'CLIENT_NEVER_SEEN',
  'CLIENT_CONNECTED',
  /** It connects, but no rule lets it go anywhere. */
  'NOTHING_ALLOWED',
  'FLOWS_REFUSED',
  'NOTHING_IN_THE_WAY',
] as const;
export type ConnectionCode = (typeof connectionCodes)[number];

/** Why a client is slow. */
export const speedCodes = [
  'CLIENT_NOT_CONNECTED',
  'RATE_LIMIT_BINDS',
  'QUOTA_NEARLY_USED',
  'PATH_LOSES',
  'PATH_IS_LONG',
  'PATH_MTU_SMALL',
  /** What waits for the client is dropped: it sends and receives more than its path takes. */
  'QUEUE_DROPS',
  'WORKERS_BUSY',
  'EVENT_LOOP_BUSY',
  'NOTHING_SLOWS',
] as const;
export type SpeedCode = (typeof speedCodes)[number];
