// Loaded into the server's process of a soak (`node --expose-gc --import`): SIGUSR2 collects all garbage, so that
// what its memory shows next is in use.
import { isMainThread } from 'node:worker_threads';

const { gc } = globalThis;
if (isMainThread && gc !== undefined) process.on('SIGUSR2', () => gc());
