export { startServer } from './server.js';
export type { RunningServer, ServerOptions, ServerResult } from './server.js';
export { backupServer, restoreServer } from './composition/backup.js';
export { rekeyServer } from './composition/rekey.js';
export type { RekeyOptions, RekeyReport } from './composition/rekey.js';
export type { BackupOptions, BackupReport } from './composition/backup.js';
export type { ServerError } from './composition/foundation.js';
export { serverErrorCodes } from './errorCodes.js';
export * from './api/models.js';
