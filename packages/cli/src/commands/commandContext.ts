import type { Command } from 'commander';
import type { CommandResult } from '../commandResult.js';
import type { World } from '../world.js';

/** What every command gets. */
export interface CommandContext {
  readonly world: World;
  /** Runs a command's work: prints a failure, keeps the exit code. */
  readonly run: (json: boolean, work: () => Promise<CommandResult>) => Promise<void>;
}

/** Adds `--json`, spelled and described the same everywhere. */
export function withJson(command: Command): Command {
  return command.option('--json', 'print one JSON object for programs');
}

/** Examples below a command's help. */
export function withExamples(command: Command, ...lines: readonly string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ ${line}\n`).join('')}`);
}
