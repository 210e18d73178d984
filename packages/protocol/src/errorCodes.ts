import { ADDRESS_ERROR_CODES } from './address.js';
import { CAPSULE_ERROR_CODES } from './capsule.js';
import { ENROLMENT_ERROR_CODES } from './enrolment/error.js';
import { REQUEST_REFUSAL_CODES } from './request.js';
import { RESPONSE_ERROR_CODES } from './response.js';
import { SCOPE_ERROR_CODES } from './scope.js';
import { SESSION_ERROR_CODES } from './session/abort.js';
import { TEMPLATE_ERROR_CODES } from './templateError.js';

/** Every stable code of this package; `docs/errors.md` explains each. */
export const PROTOCOL_ERROR_CODES: readonly string[] = [
  ...ADDRESS_ERROR_CODES,
  ...CAPSULE_ERROR_CODES,
  ...ENROLMENT_ERROR_CODES,
  ...REQUEST_REFUSAL_CODES,
  ...RESPONSE_ERROR_CODES,
  ...SCOPE_ERROR_CODES,
  ...SESSION_ERROR_CODES,
  ...TEMPLATE_ERROR_CODES,
];
