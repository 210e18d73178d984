/** What reads the status of clients needs, without the clients' machinery. */
export { clientDirectories, currentSurroundings, type ClientDirectories } from '../state/directories.js';
export { readClientStatuses } from './read.js';
export { clientStatusSchema, type ClientStatus } from './status.js';
