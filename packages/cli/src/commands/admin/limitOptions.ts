import type { Command } from 'commander';
import { parseAddressText, parsePrefixText } from '../../input/network.js';
import { argument, listOf, means, orInherit, type Parsed, someOf, wrong } from '../../input/parsed.js';
import { parseRate, parseSize, wholeNumber } from '../../input/quantity.js';

/** Adds the options that set limits of a client or of each member of a group. */
export function withLimitOptions(command: Command): Command {
  return command
    .option('--rate-up <rate>', 'from the client, like 50Mbit/s', argument(orInherit(parseRate)))
    .option('--rate-down <rate>', 'to the client', argument(orInherit(parseRate)))
    .option(
      '--quota <size>',
      'both directions in a calendar month, like 500GB',
      argument(orInherit(parseSize)),
    )
    .option('--max-sessions <number>', 'open at one time', argument(orInherit(wholeNumber(1, 10_000))))
    .option(
      '--routes <prefixes>',
      'pushed instead of the server’s, like 10.0.0.0/8,fd00::/8',
      argument(orInherit(someOf(parsePrefixText))),
    )
    .option(
      '--dns <addresses>',
      'name servers that clients are told; ours show them and do not apply them yet',
      argument(orInherit(listOf(parseAddressText))),
    )
    .option('--search-domains <names>', 'told with them', argument(listOf(parseDomain)))
    .addHelpText('after', '\nA limit that is "inherit" is not set here: groups, then the server, decide.');
}

function parseDomain(text: string): Parsed<string> {
  return /^(?=.*[a-zA-Z])[a-zA-Z0-9_.-]{1,253}$/.test(text) ? means(text) : wrong('must be DNS names');
}
