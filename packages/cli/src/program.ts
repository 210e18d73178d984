import { Command, CommanderError } from 'commander';
import { adminCommand } from './commands/admin/admin.js';
import type { CommandContext } from './commands/commandContext.js';
import { completeCommand } from './commands/complete.js';
import { connectCommand } from './commands/connect.js';
import { doctorCommand } from './commands/doctor.js';
import { enrollCommand } from './commands/enroll.js';
import { renewCommand } from './commands/renew.js';
import { serverCommand } from './commands/server.js';
import { statusCommand } from './commands/status.js';
import type { CommandFailure } from './commandResult.js';
import { exitCodes, type ExitCode } from './exitCode.js';
import { version } from './version.js';
import type { World } from './world.js';

/** Runs `masque-vpn` with these arguments (without interpreter and script); resolves to the exit code. */
export async function runCommandLine(args: readonly string[], world: World): Promise<ExitCode> {
  let exit: ExitCode = exitCodes.clean;
  const context: CommandContext = {
    world,
    run: async (json, work) => {
      const result = await work();
      if (result.ok) return;
      exit = result.error.exit;
      if (result.error.printed !== true) printFailure(result.error, json, world);
    },
  };
  const completes = args[0] === 'complete' && args.length > 1 && args[1] !== '-h' && args[1] !== '--help';
  const program = commandLine(context, makersFor(args, completes));
  if (completes) (await import('./completion.js')).withCompletion(program);
  try {
    await program.parseAsync(args, { from: 'user' });
    return exit;
  } catch (error) {
    // commander has printed the help, the version or what is wrong with the arguments.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.clean : exitCodes.usage;
    throw error;
  }
}

type MakeCommand = (context: CommandContext) => Command;

/** The command that is to run, if its name comes first; else all of them, to choose from. Making one takes time. */
function makersFor(args: readonly string[], completes: boolean): readonly MakeCommand[] {
  if (completes) return [...commands.values()];
  const make = commands.get(args[0] ?? '');
  return make === undefined ? [...commands.values(), completeCommand] : [make];
}

const commands: ReadonlyMap<string, MakeCommand> = new Map([
  ['server', serverCommand],
  ['enroll', enrollCommand],
  ['connect', connectCommand],
  ['renew', renewCommand],
  ['status', statusCommand],
  ['doctor', doctorCommand],
  ['admin', adminCommand],
]);

function commandLine(context: CommandContext, makers: readonly MakeCommand[]): Command {
  const { world } = context;
  const program = new Command('masque-vpn')
    .description('A VPN over MASQUE: CONNECT-IP (RFC 9484) on HTTP/3.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .showSuggestionAfterError()
    .showHelpAfterError('Run it with --help to see what there is.')
    .configureOutput({
      writeOut: (text) => world.out.write(text),
      writeErr: (text) => world.err.write(text),
      getOutHelpWidth: () => Math.min(world.out.columns, 110),
      getErrHelpWidth: () => Math.min(world.err.columns, 110),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride();
  for (const make of makers) program.addCommand(inherit(make(context), program));
  return program.addHelpText('after', programNotes);
}

/** Output and exit settings are copied to sub-commands only when commander itself makes them. */
function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inherit(child, command);
  return command;
}

function printFailure({ code, message }: CommandFailure, json: boolean, world: World): void {
  if (json) world.out.write(`${JSON.stringify({ error: { code, message } })}\n`);
  else {
    // A configuration's problems, one to a line, carry their codes themselves.
    const suffix = message.includes(`(${code})`) ? '' : ` (${code})`;
    world.err.write(`masque-vpn: ${message}${suffix}\n`);
  }
}

const programNotes = `
Examples:
  $ sudo masque-vpn server                         run a server with its defaults
  $ sudo masque-vpn admin client add alice --link  print a link for alice
  $ masque-vpn enroll                              on alice’s machine: make a profile of the link
  $ sudo masque-vpn connect alice.toml             and connect
  $ sudo masque-vpn status                         what runs on this machine
  $ sudo masque-vpn doctor                         what this machine offers to a tunnel

Exit codes: 0 done, 1 failed, 2 wrong arguments, configuration or profile, 3 refused by the server,
4 root or CAP_NET_ADMIN needed, 5 nothing runs or answers.
`;
