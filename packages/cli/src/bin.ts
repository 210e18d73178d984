#!/usr/bin/env node
import { exitCodes } from './exitCode.js';
import { runCommandLine } from './program.js';
import { processWorld } from './world.js';

// No top-level await: the bundle is CommonJS.
void run();

async function run(): Promise<void> {
  try {
    process.exitCode = await runCommandLine(process.argv.slice(2), processWorld());
  } catch (error) {
    // Expected failures are values; what arrives here is a bug, and its stack says where.
    process.stderr.write(
      `masque-vpn: this is a bug, please report it (CLI_BUG)\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exitCode = exitCodes.failure;
  }
}
