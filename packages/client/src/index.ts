export { runClient, type ClientOptions, type ClientTools } from './client.js';
export { systemClock, type Clock } from './clock.js';
export { clientFailureCodes, type ClientFailure, type ClientFailureCode, type Outcome } from './failure.js';
export { openClientNetwork, type ClientNetwork } from './network/network.js';
export * from './profile/index.js';
export * from './status/index.js';
export { systemResolve } from './transport/resolve.js';
