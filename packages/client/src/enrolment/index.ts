/** Getting a profile, without the machinery of tunnels. */
export { makeClientKey, type ClientKey } from './clientKey.js';
export { enrol, type Enrolled, type EnrolmentTools } from './enrol.js';
export type { ExchangeFailure, ExchangeOutcome } from '../publicPort/portFailure.js';
