import type { RunningServer } from '@masque-vpn/server';
import { type CommandResult, done } from '../commandResult.js';
import { exitCodes, type ExitCode } from '../exitCode.js';
import type { World } from '../world.js';

/** Flags of `masque-vpn server`. */
export interface ServeFlags {
  readonly config?: string;
  readonly stateDir?: string;
  readonly runtimeDir?: string;
}

/**
 * `masque-vpn server` — starts, waits for the signal to stop, drains. SIGHUP makes it reload, unless it runs in a
 * terminal: then that was closed, and it stops.
 */
export async function serve(flags: ServeFlags, world: World): Promise<CommandResult> {
  let running: RunningServer | null = null;
  const signal = world.out.isTerminal
    ? world.untilSignal()
    : world.untilSignalBut(() => void running?.reload());
  const { startServer } = await import('@masque-vpn/server');
  const started = await startServer({
    ...(flags.config === undefined ? {} : { configFile: flags.config }),
    ...(flags.stateDir === undefined ? {} : { stateDir: flags.stateDir }),
    ...(flags.runtimeDir === undefined ? {} : { runtimeDir: flags.runtimeDir }),
    print: (line) => world.out.write(`${line}\n`),
    terminal: world.out.isTerminal,
  });
  if (!started.ok) {
    const { code, message } = started.error;
    return { ok: false, error: { code, message, exit: serverExit(code) } };
  }
  running = started.value;
  await aborted(signal);
  await started.value.stop();
  return done;
}

/** The exit code for what kept a server from starting. */
function serverExit(code: string): ExitCode {
  if (code.startsWith('CONFIG_')) return exitCodes.usage;
  return code.endsWith('_PERMISSION_DENIED') ? exitCodes.permission : exitCodes.failure;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
