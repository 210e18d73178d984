import type { Command } from 'commander';
import { argument } from '../../input/parsed.js';
import { wholeNumber } from '../../input/quantity.js';

/** Adds `--limit`, for lists without an end; the command gets it as `limit`. */
export function withLimit(command: Command): Command {
  return command.option('--limit <number>', 'how many at most', argument(wholeNumber(1, 100_000)), 50);
}
