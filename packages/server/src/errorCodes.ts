import { admissionRefusalCodes } from './admission/refusal.js';
import { listenErrorCodes } from './api/listen.js';
import { problemCodes } from './api/problem.js';
import { checkCodes } from './checks/codes.js';
import { crashCause, startErrorCodes } from './composition/foundation.js';
import { serverIdErrorCodes } from './composition/serverId.js';
import { secretFileErrorCodes } from './composition/secretFiles.js';
import { configProblemCodes } from './config/problem.js';
import { connectionCodes, speedCodes } from './diagnosis/codes.js';
import { enrolmentFailureCodes } from './enrolments/enrolmentFailure.js';
import { frontErrorCodes } from './front/front.js';
import { frontProblemCodes } from './front/problem.js';
import { networkErrorCodes } from './network/error.js';
import { acmeErrorCodes } from './pki/acme/acmeError.js';
import { pkiErrorCodes } from './pki/pkiError.js';
import { packetReasons, policyWarningCodes } from './policy/reasons.js';
import { endCauses } from './sessions/session.js';
import { goneCause } from './servers/presence.js';
import { backupErrorCodes } from './store/backup/backupError.js';
import { restoredCause } from './store/backup/restore.js';
import { storeErrorCodes } from './store/storeError.js';

/** Every stable code of this package's own, each once; `docs/errors.md` explains each. */
export const serverErrorCodes: readonly string[] = [
  ...new Set<string>([
    ...configProblemCodes,
    ...startErrorCodes,
    ...secretFileErrorCodes,
    ...serverIdErrorCodes,
    ...listenErrorCodes,
    ...storeErrorCodes,
    ...backupErrorCodes,
    restoredCause,
    goneCause,
    ...pkiErrorCodes,
    ...acmeErrorCodes,
    ...enrolmentFailureCodes,
    ...frontErrorCodes,
    ...frontProblemCodes,
    ...networkErrorCodes,
    ...admissionRefusalCodes,
    ...endCauses,
    crashCause,
    ...problemCodes,
    ...packetReasons,
    ...policyWarningCodes,
    ...checkCodes,
    ...connectionCodes,
    ...speedCodes,
  ]),
];
