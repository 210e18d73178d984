import { Command } from 'commander';
import type { ServeFlags } from '../server/serve.js';
import type { BackupFlags } from '../server/backup.js';
import type { RekeyFlags } from '../server/rekey.js';
import { type CommandContext, withExamples, withJson } from './commandContext.js';

/** `masque-vpn server` — runs the server until SIGINT or SIGTERM; `backup`, `restore` and `rekey` of its database. */
export function serverCommand(context: CommandContext): Command {
  const { world, run } = context;
  const command = new Command('server')
    .description('Run the server until Ctrl-C or SIGTERM.')
    .option(
      '-c, --config <file>',
      'configuration; default: /etc/masque-vpn/server.toml if there is one, else defaults',
    )
    .option('--state-dir <dir>', 'keys, certificates and database; default: /var/lib/masque-vpn for root')
    .option('--runtime-dir <dir>', 'administration socket; default: /run/masque-vpn for root')
    .action(async (flags: ServeFlags) => {
      await run(false, async () => {
        const { serve } = await import('../server/serve.js');
        return serve(flags, world);
      });
    });
  command
    .addCommand(backupCommand(context))
    .addCommand(restoreCommand(context))
    .addCommand(rekeyCommand(context));
  return withExamples(command, 'sudo masque-vpn server', 'sudo masque-vpn server --config ./server.toml');
}

/** `masque-vpn server backup FILE` */
function backupCommand({ world, run }: CommandContext): Command {
  const command = new Command('backup')
    .description('Write everything in the database to a file, also while the server runs.')
    .argument('<file>', 'is made for nobody else to read; it holds secrets, but not the master key')
    .option('--force', 'replace a file of that name')
    .action(async (file: string, _: unknown, self: Command) => {
      const flags = self.optsWithGlobals<BackupFlags>();
      await run(flags.json === true, async () => {
        const { backup } = await import('../server/backup.js');
        return backup(file, flags, world);
      });
    });
  return withExamples(withJson(command), 'sudo masque-vpn server backup /var/backups/vpn.backup');
}

/** `masque-vpn server restore FILE` */
function restoreCommand({ world, run }: CommandContext): Command {
  const command = new Command('restore')
    .description('Make the database what it was when a backup was made. The server must not run.')
    .argument('<file>', 'made by "server backup", of SQLite or PostgreSQL, of this version or an older one')
    .option('--force', 'replace what is in the database')
    .action(async (file: string, _: unknown, self: Command) => {
      const flags = self.optsWithGlobals<BackupFlags>();
      await run(flags.json === true, async () => {
        const { restore } = await import('../server/backup.js');
        return restore(file, flags, world);
      });
    });
  return withExamples(withJson(command), 'sudo masque-vpn server restore /var/backups/vpn.backup');
}

/** `masque-vpn server rekey FILE` */
function rekeyCommand({ world, run }: CommandContext): Command {
  const command = new Command('rekey')
    .description('Encrypt what is secret in the database with another master key. The server must not run.')
    .argument('<file>', 'its first line is the new key; openssl rand -base64 32 makes a good one')
    .action(async (file: string, _: unknown, self: Command) => {
      const flags = self.optsWithGlobals<RekeyFlags>();
      await run(flags.json === true, async () => {
        const { rekey } = await import('../server/rekey.js');
        return rekey(file, flags, world);
      });
    });
  return withExamples(withJson(command), 'sudo masque-vpn server rekey /root/new-master.key');
}
