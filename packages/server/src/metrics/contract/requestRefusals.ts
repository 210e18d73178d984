import type { RequestRefusalCode } from '@masque-vpn/protocol';

/**
 * Status of each refusal before anybody asked who sent the request, those of the engine included:
 * it answers malformed requests itself (CIP-302 to 304, 313), and with 503 when its event queue is full.
 */
export const requestRefusalStatuses = {
  REQUEST_MALFORMED: 400,
  REQUEST_SCOPE_INVALID: 400,
  REQUEST_PROTOCOL_UNKNOWN: 501,
  REQUEST_CLASSIC_CONNECT: 501,
  REQUEST_AUTHORITY_UNKNOWN: 421,
  REQUEST_PATH_UNKNOWN: 404,
  REQUEST_METHOD_NOT_ALLOWED: 405,
  ENGINE_OVERLOADED: 503,
} as const satisfies Record<RequestRefusalCode | 'ENGINE_OVERLOADED', number>;
