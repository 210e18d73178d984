import type { DeviceErrorCode } from '../../administration/devices.js';
import type { AdministrationErrorCode } from '../../administration/failure.js';
import type { ProblemTable } from './table.js';

export const administrationProblems = {
  LOGIN_REFUSED: [401, 'Name, password or code is wrong'],
  LOGIN_CODE_REQUIRED: [401, 'The code of the second factor is missing'],
  LOGIN_THROTTLED: [429, 'Too many failed attempts'],
  LOGIN_OVERLOADED: [503, 'Too many people sign in at the moment'],
  LOGIN_LINK_INVALID: [410, 'The link is not good any more'],
  LOGIN_SESSION_NOT_FOUND: [404, 'There is no such session'],
  PASSWORD_TOO_WEAK: [422, 'The password is too weak'],
  TOTP_CODE_WRONG: [422, 'The code is wrong'],
  TOTP_ALREADY_ON: [409, 'The second factor is on already'],
  TOTP_NOT_ON: [409, 'The second factor is not on'],
  ADMINISTRATOR_EXISTS: [409, 'The administrator exists already'],
  ADMINISTRATOR_NOT_FOUND: [404, 'There is no such administrator'],
  ADMINISTRATOR_LAST_OWNER: [409, 'There must be an owner'],
  ADMINISTRATOR_NAME_MISSING: [422, 'The first owner needs a name'],
  ADMINISTRATOR_ONLY: [403, 'Only for administrators who signed in'],
  TOKEN_NOT_FOUND: [404, 'There is no such token'],
  TOKEN_TOO_MANY: [409, 'There are too many tokens'],
  TOKEN_EXCEEDS_MAKER: [403, 'A token has no more permissions than its maker'],
  OIDC_NOT_CONFIGURED: [404, 'There is no single sign-on'],
  OIDC_UNREACHABLE: [503, 'The provider does not answer'],
  OIDC_LOGIN_FAILED: [401, 'The login failed'],
  OIDC_NOT_PERMITTED: [403, 'You have no right to anything here'],
  DEVICE_NOT_FOUND: [404, 'You have no such device'],
  DEVICE_TOO_MANY: [409, 'You have too many devices'],
  DEVICE_NOT_PERMITTED: [403, 'You have no devices of your own'],
} as const satisfies ProblemTable &
  Record<Exclude<AdministrationErrorCode, 'API_VERSION_CONFLICT'> | DeviceErrorCode, unknown>;
