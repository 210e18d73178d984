import { readFileSync } from 'node:fs';
import { PROTOCOL_ERROR_CODES } from '@masque-vpn/protocol';
import { expect, test } from 'vitest';
import { admissionRefusalCodes } from './admission/refusal.js';
import { listenErrorCodes } from './api/listen.js';
import { apiErrorCodes } from './api/problem.js';
import { crashCause, startErrorCodes } from './composition/foundation.js';
import { configProblemCodes } from './config/problem.js';
import { networkErrorCodes } from './network/error.js';
import { pkiErrorCodes } from './pki/pkiError.js';
import { endCauses } from './sessions/session.js';
import { storeErrorCodes } from './store/storeError.js';

/** Codes that have a row of their own in `docs/errors.md`. */
const documented = [
  ...readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8').matchAll(
    /^\| `([A-Z][A-Z0-9_]+)` +\|/gm,
  ),
].map(([, code]) => code);

const ofServer: readonly string[] = [
  ...configProblemCodes,
  ...startErrorCodes,
  ...listenErrorCodes,
  ...storeErrorCodes,
  ...pkiErrorCodes,
  ...networkErrorCodes,
  ...admissionRefusalCodes,
  ...endCauses,
  crashCause,
  ...PROTOCOL_ERROR_CODES.filter((code) => /^(REQUEST|CAPSULE)_/.test(code)),
  ...apiErrorCodes,
];

test.each([...new Set(ofServer)])('docs/errors.md explains %s', (code) => {
  expect(documented).toContain(code);
});

test('no code is explained twice', () => {
  expect(documented).toEqual([...new Set(documented)]);
});
