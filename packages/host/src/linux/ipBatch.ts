import type { Family } from '../family.js';
import type { RoutePlan, RulePlan } from '../plan.js';
import { failed, succeeded, type HostResult } from '../result.js';
import { commandFailed, type Commands } from './command.js';
import { protocolMark } from './kernelState.js';

/** One line for `ip -batch`. Rules do not tell their family by themselves; one that says nothing is of IPv4. */
export interface IpCommand {
  readonly family: Family | null;
  readonly words: readonly string[];
}

export function linkCommand(...words: readonly string[]): IpCommand {
  return { family: null, words };
}

export function addRoute(route: RoutePlan): IpCommand {
  return routeCommand('add', route);
}

/** Only for a route of ours: it would replace anybody's. */
export function replaceRoute(route: RoutePlan): IpCommand {
  return routeCommand('replace', route);
}

export function deleteRoute(route: RoutePlan): IpCommand {
  return routeCommand('del', route);
}

export function addRule(rule: RulePlan): IpCommand {
  return ruleCommand('add', rule);
}

export function deleteRule(rule: RulePlan): IpCommand {
  return ruleCommand('del', rule);
}

/**
 * Runs the commands in order, in as few `ip` processes as the families allow. `keepGoing` runs all of them
 * whatever fails and reports the first failure. HOST_CONFLICT: what should be added is there already.
 */
export async function runIpBatch(
  commands: Commands,
  lines: readonly IpCommand[],
  keepGoing: boolean,
): Promise<HostResult<void>> {
  let outcome: HostResult<void> = succeeded(undefined);
  for (const group of groupByFamily(lines)) {
    const args = [...(group.some(isOfIpv6) ? ['-6'] : []), ...(keepGoing ? ['-force'] : []), '-batch', '-'];
    const input = `${group.map((line) => line.words.join(' ')).join('\n')}\n`;
    const result = await commands.run('ip', args, input);
    if (!result.ok) return result;
    if (result.value.exitCode === 0) continue;
    if (outcome.ok) outcome = batchFailure(group, result.value.stderr, result.value.exitCode);
    if (!keepGoing) return outcome;
  }
  return outcome;
}

/** `ip` names the line after what the kernel said: `Command failed -:3`. */
function batchFailure(
  group: readonly IpCommand[],
  stderr: string,
  exitCode: number,
): ReturnType<typeof failed> {
  const line = /^Command failed -:(\d+)$/m.exec(stderr);
  const command = line === null ? undefined : group[Number(line[1]) - 1];
  const said = stderr.replace(/^Command failed -:\d+$/gm, '').trim();
  const what = command === undefined ? 'ip -batch' : describeCommand(command);
  if (said.includes('File exists')) return failed('HOST_CONFLICT', `${what}: ${said}`);
  return commandFailed(what, said, exitCode);
}

function describeCommand({ family, words }: IpCommand): string {
  return ['ip', ...(family === null ? [] : [`-${family}`]), ...words].join(' ');
}

function groupByFamily(lines: readonly IpCommand[]): IpCommand[][] {
  const groups: IpCommand[][] = [];
  for (const line of lines) {
    const last = groups.at(-1);
    if (last?.[0] !== undefined && isOfIpv6(last[0]) === isOfIpv6(line)) last.push(line);
    else groups.push([line]);
  }
  return groups;
}

function isOfIpv6({ family }: IpCommand): boolean {
  return family === 6;
}

function routeCommand(verb: 'add' | 'replace' | 'del', route: RoutePlan): IpCommand {
  const via = route.type === 'unicast' && route.via !== undefined ? ['via', route.via] : [];
  const dev = route.type === 'unicast' ? ['dev', route.dev] : [];
  const metric = route.metric === undefined ? [] : ['metric', String(route.metric)];
  const where = ['table', String(route.table), 'proto', String(protocolMark)];
  return {
    family: null,
    words: ['route', verb, route.type, route.prefix, ...via, ...dev, ...where, ...metric],
  };
}

function ruleCommand(verb: 'add' | 'del', rule: RulePlan): IpCommand {
  const { fwmark } = rule;
  const not = fwmark?.match === 'not' ? ['not'] : [];
  const mark = fwmark === undefined ? [] : ['fwmark', `0x${fwmark.mark.toString(16)}`];
  const suppress =
    rule.suppressPrefixLength === undefined
      ? []
      : ['suppress_prefixlength', String(rule.suppressPrefixLength)];
  const words = ['priority', String(rule.priority), 'table', String(rule.table), ...suppress];
  return {
    family: rule.family,
    words: ['rule', verb, ...not, ...mark, ...words, 'protocol', String(protocolMark)],
  };
}
