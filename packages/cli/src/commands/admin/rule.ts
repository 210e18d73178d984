import type { Command } from 'commander';
import type { CheckFlags } from '../../admin/ruleCheck.js';
import type { PlaceFlags, RuleFlags, SetRuleFlags } from '../../admin/rules.js';
import { parsePort, parsePortRange, parseProtocol } from '../../input/network.js';
import { argument, listOf, means, type Parsed, wrong } from '../../input/parsed.js';
import { wholeNumber } from '../../input/quantity.js';
import { parseDestination, parseEndpoint, parseSubject } from '../../input/ruleEnd.js';
import type { CommandContext } from '../commandContext.js';
import { branch, leaf } from './leaf.js';

/** `masque-vpn admin rule …` */
export function ruleCommand(context: CommandContext): Command {
  return branch(
    'rule',
    'What passes: the first rule that matches a new flow decides; otherwise it is refused.',
    [
      add(context),
      list(context),
      show(context),
      set(context),
      move(context),
      enable(context, 'enable', true),
      enable(context, 'disable', false),
      remove(context),
      check(context),
      rehearse(context),
      apply(context),
    ],
  );
}

function add(context: CommandContext): Command {
  return leaf<RuleFlags, [string]>(context, {
    name: 'add',
    description: 'Add a rule, at the end unless a place is named.',
    define: (command) => {
      withContent(command.argument('<action>', 'allow or deny', argument(parseAction)));
      withPlace(command).option('--disabled', 'decides nothing until it is enabled');
    },
    examples: [
      'sudo masque-vpn admin rule add allow --from group:staff --to 10.20.0.0/16 --proto tcp --port 22,443',
      'sudo masque-vpn admin rule add deny --to 10.0.0.0/8 --first --note "nothing inside"',
      'sudo masque-vpn admin rule add allow --from client:alice --to client:printer',
    ],
    run: async (tools, flags, action) => {
      const { addRule } = await import('../../admin/rules.js');
      return addRule(action, flags, tools);
    },
  });
}

function list(context: CommandContext): Command {
  return leaf(context, {
    name: 'list',
    description: 'List all rules in their order.',
    run: async (tools) => {
      const { listRules } = await import('../../admin/rules.js');
      return listRules(tools);
    },
  });
}

function show(context: CommandContext): Command {
  return leaf<object, [string]>(context, {
    name: 'show',
    description: 'Show one rule.',
    define: withRule,
    run: async (tools, _flags, rule) => {
      const { showRule } = await import('../../admin/rules.js');
      return showRule(rule, tools);
    },
  });
}

function set(context: CommandContext): Command {
  return leaf<SetRuleFlags, [string]>(context, {
    name: 'set',
    description: 'Change a rule; what is not named stays. Open sessions follow within a second.',
    define: (command) => {
      withRule(command);
      withContent(command.option('--action <action>', 'allow or deny', argument(parseAction)));
      withPlace(command);
    },
    examples: ['sudo masque-vpn admin rule set 12 --port 22,443 --note "ssh and web"'],
    run: async (tools, flags, rule) => {
      const { setRule } = await import('../../admin/rules.js');
      return setRule(rule, flags, tools);
    },
  });
}

function move(context: CommandContext): Command {
  return leaf<PlaceFlags, [string]>(context, {
    name: 'move',
    description: 'Put a rule at another place.',
    define: (command) => {
      withRule(command);
      withPlace(command);
    },
    examples: ['sudo masque-vpn admin rule move 12 --first', 'sudo masque-vpn admin rule move 12 --before 3'],
    run: async (tools, flags, rule) => {
      const { moveRule } = await import('../../admin/rules.js');
      return moveRule(rule, flags, tools);
    },
  });
}

function enable(context: CommandContext, verb: string, enabled: boolean): Command {
  return leaf<object, [string]>(context, {
    name: verb,
    description: enabled ? 'Let a rule decide again.' : 'Let a rule decide nothing; it keeps its place.',
    define: withRule,
    run: async (tools, _flags, rule) => {
      const { setRule } = await import('../../admin/rules.js');
      return setRule(rule, { enabled }, tools);
    },
  });
}

function remove(context: CommandContext): Command {
  return leaf<object, [string]>(context, {
    name: 'delete',
    description: 'Delete a rule.',
    confirms: true,
    define: withRule,
    run: async (tools, _flags, rule) => {
      const { deleteRule } = await import('../../admin/rules.js');
      return deleteRule(rule, tools);
    },
  });
}

function check(context: CommandContext): Command {
  return leaf<CheckFlags>(context, {
    name: 'check',
    description: 'Would this packet pass, and which rule decides? Ends with 0 if it passes, with 3 if not.',
    define: (command) =>
      command
        .requiredOption('--from <end>', 'a client, or an address', argument(parseEndpoint))
        .requiredOption('--to <end>', 'an address, or a client', argument(parseEndpoint))
        .option('--proto <protocol>', 'tcp, udp, icmp, or a number', argument(parseOneProtocol), 'tcp')
        .option('--port <port>', 'where to, of TCP and UDP', argument(parsePort)),
    examples: [
      'sudo masque-vpn admin rule check --from alice --to 10.20.0.5 --proto tcp --port 22',
      'sudo masque-vpn admin rule check --from alice --to client:printer --proto icmp',
    ],
    run: async (tools, flags) => {
      const { checkPacket } = await import('../../admin/ruleCheck.js');
      return checkPacket(flags, tools);
    },
  });
}

function rehearse(context: CommandContext): Command {
  return leaf<object, [string]>(context, {
    name: 'rehearse',
    description:
      'Which recently seen flows would these rules cut, which would they let pass? Changes nothing.',
    define: withFile,
    examples: [
      'sudo masque-vpn admin rule list --json >rules.json    then change rules.json',
      'sudo masque-vpn admin rule rehearse rules.json',
      'sudo masque-vpn admin rule apply rules.json',
    ],
    run: async (tools, _flags, file) => {
      const { rehearse: run } = await import('../../admin/ruleCheck.js');
      return run(file, tools);
    },
  });
}

function apply(context: CommandContext): Command {
  return leaf<object, [string]>(context, {
    name: 'apply',
    description: 'Replace all rules at once by those of a file.',
    confirms: true,
    define: withFile,
    run: async (tools, _flags, file) => {
      const { applyRules } = await import('../../admin/ruleCheck.js');
      return applyRules(file, tools);
    },
  });
}

function withRule(command: Command): void {
  command.argument('<rule>', 'its number, as log and flows name it, or its id');
}

function withFile(command: Command): void {
  command.argument('<file>', 'JSON, as "rule list --json" prints it');
}

function withContent(command: Command): Command {
  return command
    .option('--from <whom>', 'everyone, group:NAME, client:NAME, or prefixes', argument(parseSubject))
    .option('--to <where>', 'any, prefixes, a DNS name, group:NAME, client:NAME', argument(parseDestination))
    .option('--proto <protocol>', 'tcp, udp, icmp, any, or a number', argument(parseProtocol))
    .option(
      '--port <ports>',
      'of TCP or UDP, like 22,8000-8010; none is all',
      argument(listOf(parsePortRange)),
    )
    .option('--note <text>', 'what it is for; "" removes it');
}

function withPlace(command: Command): Command {
  return command
    .option('--first', 'before all others')
    .option('--position <number>', 'place from 1', argument(wholeNumber(1, 501)))
    .option('--before <rule>', 'before this rule')
    .option('--after <rule>', 'after this rule');
}

function parseAction(text: string): Parsed<'allow' | 'deny'> {
  return text === 'allow' || text === 'deny' ? means(text) : wrong('must be allow or deny');
}

function parseOneProtocol(text: string): Parsed<'icmp' | 'tcp' | 'udp' | number> {
  const parsed = parseProtocol(text);
  if (!parsed.ok) return parsed;
  return parsed.value === 'any' ? wrong('must be one protocol: a packet has one') : means(parsed.value);
}
