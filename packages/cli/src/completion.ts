import { readdirSync } from 'node:fs';
import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';

/** Arguments that are files, by command and name, and how those end. */
const fileArguments: readonly (readonly [command: string, argument: string, ending: string])[] = [
  ['connect', 'profile', '.toml'],
  ['renew', 'profile', '.toml'],
  ['admin rule rehearse', 'file', '.json'],
  ['admin rule apply', 'file', '.json'],
  ['admin certificate import', 'certificate', '.pem'],
];

/**
 * Gives a program its `complete` command: `complete bash` prints the script that a shell sources, `complete -- WORDS`
 * is what the script asks. Both write to standard output themselves.
 */
export function withCompletion(program: Command): void {
  const root = tab(program);
  for (const [command, argument, ending] of fileArguments) {
    const known = root.commands.get(command)?.arguments.get(argument);
    if (known === undefined) continue;
    known.handler = (complete) => {
      for (const name of filesEnding(ending)) complete(name, '');
    };
  }
}

/** Files of the current directory; none where it cannot be read. */
function filesEnding(ending: string): string[] {
  try {
    return readdirSync('.').filter((name) => name.endsWith(ending) && !name.startsWith('.'));
  } catch {
    return [];
  }
}
