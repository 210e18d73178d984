/** What goes in and comes out of the API, one file per noun; `@masque-vpn/server/models` for other packages. */
export * from './models/identifiers.js';
export * from './models/problem.js';
export * from './models/health.js';
export * from './models/status.js';
export * from './models/client.js';
export * from './models/session.js';
