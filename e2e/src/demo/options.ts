import { parseArgs } from 'node:util';

export interface DemoOptions {
  /** Print one JSON object as the last line. */
  readonly json: boolean;
  /** Length of each load. */
  readonly seconds: number;
  /** Leave everything running until Ctrl-C. */
  readonly keep: boolean;
}

export const usage = `npm run demo [-- --json] [--seconds N] [--keep]

Starts a server, two clients and a host behind the server in a private network on this machine,
sends real traffic through the tunnel and shows how the server's metrics move. Needs no root;
nothing outside the private network changes.

  --json       print one JSON object with all figures as the last line
  --seconds N  length of each load, 1 to 3600; default 5
  --keep       leave everything running until Ctrl-C, and say how to look around`;

/** Reads the command line; null when help was asked for. Throws with a sentence for people when it is wrong. */
export function parseOptions(args: readonly string[]): DemoOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      seconds: { type: 'string', default: '5' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const seconds = Number(values.seconds);
  if (!(seconds >= 1 && seconds <= 3600)) throw new Error('--seconds takes a number from 1 to 3600');
  return { json: values.json, seconds, keep: values.keep };
}
