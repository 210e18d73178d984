/** Getting a profile and keeping it fresh, without the machinery of tunnels. */
export { systemClock } from '../clock.js';
export { clientFailureCodes, type ClientFailureCode } from '../failure.js';
export type { ExchangeFailure, ExchangeOutcome } from '../publicPort/portFailure.js';
export { renewNow, type RenewedProfile } from '../renewal/renewNow.js';
export { systemResolve } from '../transport/resolve.js';
export { makeClientKey, type ClientKey } from './clientKey.js';
export { enrol, type Enrolled, type EnrolmentTools } from './enrol.js';
