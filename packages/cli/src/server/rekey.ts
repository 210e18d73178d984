import { done, type CommandResult } from '../commandResult.js';
import { exitCodes } from '../exitCode.js';
import type { World } from '../world.js';
import type { ServeFlags } from './serve.js';

/** Flags of `masque-vpn server rekey`. */
export interface RekeyFlags extends ServeFlags {
  readonly json?: true;
}

/** `masque-vpn server rekey FILE` */
export async function rekey(newKeyFile: string, flags: RekeyFlags, world: World): Promise<CommandResult> {
  const { rekeyServer } = await import('@masque-vpn/server');
  const { config, stateDir, runtimeDir, json } = flags;
  const changed = await rekeyServer({
    ...{ newKeyFile, environment: world.env, logTarget: world.err, now: Math.trunc(world.now()) },
    ...(config === undefined ? {} : { configFile: config }),
    ...(stateDir === undefined ? {} : { stateDir }),
    ...(runtimeDir === undefined ? {} : { runtimeDir }),
  });
  if (!changed.ok) {
    const { code, message } = changed.error;
    const exit = code.startsWith('CONFIG_') ? exitCodes.usage : exitCodes.failure;
    return { ok: false, error: { code, message, exit } };
  }
  const { rekeyed, keyFile, oldKeyFile } = changed.value;
  if (json === true) world.out.write(`${JSON.stringify(changed.value)}\n`);
  else {
    const what =
      rekeyed === null
        ? 'The database was encrypted with this key already.'
        : `Encrypted anew: ${rekeyed.authorities} keys of authorities, ${rekeyed.secrets} secrets.`;
    const where =
      keyFile === null
        ? 'Give the server the new key where it had the old one, before it starts.'
        : `The new key is in ${keyFile}, the old one in ${oldKeyFile ?? ''}.`;
    world.out.write(
      `${what}\n${where}\nBackups from before need the old key: make a new one (masque-vpn server backup), then destroy both.\n`,
    );
  }
  return done;
}
