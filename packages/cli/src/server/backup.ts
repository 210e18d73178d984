import type { BackupOptions } from '@masque-vpn/server';
import { done, type CommandResult } from '../commandResult.js';
import { exitCodes } from '../exitCode.js';
import { instant } from '../output/units.js';
import type { World } from '../world.js';
import type { ServeFlags } from './serve.js';

/** Flags of `masque-vpn server backup` and `restore`. */
export interface BackupFlags extends ServeFlags {
  readonly force?: true;
  readonly json?: true;
}

/** `masque-vpn server backup FILE` */
export async function backup(file: string, flags: BackupFlags, world: World): Promise<CommandResult> {
  const { backupServer } = await import('@masque-vpn/server');
  const written = await backupServer(optionsOf(file, flags, world));
  if (!written.ok) return failed(written.error);
  const { rows, createdAt, stateDir } = written.value;
  if (flags.json === true) world.out.write(`${JSON.stringify({ file, rows, createdAtMs: createdAt })}\n`);
  else {
    world.out.write(
      `${file}: ${rows} rows.\n` +
        `Not in it is the master key: keep ${stateDir}/master.key, or what pki.key_file names, at another place.\n`,
    );
  }
  return done;
}

/** `masque-vpn server restore FILE` */
export async function restore(file: string, flags: BackupFlags, world: World): Promise<CommandResult> {
  const { restoreServer } = await import('@masque-vpn/server');
  const restored = await restoreServer(optionsOf(file, flags, world));
  if (!restored.ok) return failed(restored.error);
  const { rows, createdAt, stateDir } = restored.value;
  if (flags.json === true) world.out.write(`${JSON.stringify({ file, rows, createdAtMs: createdAt })}\n`);
  else {
    world.out.write(
      `Restored ${rows} rows of ${instant(createdAt)}. What was revoked since then is valid again.\n` +
        `The server needs the master key of that time, usually ${stateDir}/master.key.\n`,
    );
  }
  return done;
}

function optionsOf(file: string, flags: BackupFlags, world: World): BackupOptions {
  const { config, stateDir, runtimeDir, force } = flags;
  return {
    file,
    replace: force === true,
    now: Math.trunc(world.now()),
    ...(config === undefined ? {} : { configFile: config }),
    ...(stateDir === undefined ? {} : { stateDir }),
    ...(runtimeDir === undefined ? {} : { runtimeDir }),
  };
}

function failed({ code, message }: { readonly code: string; readonly message: string }): CommandResult {
  const exit = code.startsWith('CONFIG_') ? exitCodes.usage : exitCodes.failure;
  return { ok: false, error: { code, message, exit } };
}
