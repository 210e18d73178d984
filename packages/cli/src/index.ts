export { runCommandLine } from './program.js';
export { exitCodes, type ExitCode } from './exitCode.js';
export type { Output, World } from './world.js';
