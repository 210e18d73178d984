import { Command } from 'commander';
import { type AdminTools, withAdminApi } from '../../admin/adminContext.js';
import type { CommandResult } from '../../commandResult.js';
import { type CommandContext, withExamples, withJson } from '../commandContext.js';

/** A command of `masque-vpn admin` that does something. */
export interface Leaf<Flags, Args extends readonly unknown[]> {
  readonly name: string;
  readonly description: string;
  /** Arguments and options; `--json` is there already. */
  readonly define?: (command: Command) => void;
  readonly examples?: readonly string[];
  /** Cannot be undone: takes `--yes`. */
  readonly confirms?: true;
  /** Loads what does the work, and does it. */
  readonly run: (tools: AdminTools, flags: Flags, ...args: Args) => Promise<CommandResult>;
}

/** The command of a leaf. */
export function leaf<Flags, Args extends readonly unknown[] = []>(
  context: CommandContext,
  { name, description, define, examples = [], confirms, run }: Leaf<Flags, Args>,
): Command {
  const command = new Command(name).description(description);
  define?.(command);
  if (confirms === true) command.option('-y, --yes', 'do not ask');
  command.action(async (...given: [...Args, Flags, Command]) => {
    // commander hands over the arguments, then the options, then the command.
    const args = given.slice(0, -2) as unknown as Args;
    const flags = given.at(-2) as Flags;
    await withAdminApi(context, command, async (tools) => run(tools, flags, ...args));
  });
  withJson(command);
  return examples.length === 0 ? command : withExamples(command, ...examples);
}

/** A command that only has others below it. */
export function branch(name: string, description: string, commands: readonly Command[]): Command {
  const command = new Command(name).description(description);
  for (const child of commands) command.addCommand(child);
  return command;
}
