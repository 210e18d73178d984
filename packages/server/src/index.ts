export { startServer } from './server.js';
export type { RunningServer, ServerError, ServerOptions, ServerResult } from './server.js';
export * from './api/models.js';
