/** What goes in and comes out of the API, one file per noun; `@masque-vpn/server/models` for other packages. */
export * from './models/identifiers.js';
export * from './models/problem.js';
export * from './models/health.js';
export * from './models/status.js';
export * from './models/client.js';
export * from './models/session.js';
export * from './models/network.js';
export * from './models/limits.js';
export * from './models/group.js';
export * from './models/rule.js';
export * from './models/flow.js';
export * from './models/usage.js';
export * from './models/portForward.js';
