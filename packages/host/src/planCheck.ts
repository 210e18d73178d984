import { isLinkName } from './linkName.js';
import type { NftMatch, NftTable, NftVerdict } from './nft/table.js';
import type { HostPlan, LinkPlan, RoutePlan, RulePlan, SysctlPlan } from './plan.js';
import { parsePrefix } from './prefix.js';

const nftName = /^[a-z][a-z0-9_]{0,30}$/;
const nftComment = /^[ !#-[\]-~]{1,100}$/;
const sysctlKey = /^net(\/[A-Za-z0-9_.@+-]+)+$/;
const sysctlValue = /^[A-Za-z0-9 ._-]{1,100}$/;

/**
 * What is wrong with a plan, one sentence each; empty for a sound one. After this check every text of the plan is
 * one word to `ip` and `nft`, so none can become a command.
 */
export function planProblems(plan: HostPlan): string[] {
  return [
    ...(plan.link === null ? [] : linkProblems(plan.link)),
    ...plan.routes.flatMap(routeProblems),
    ...plan.rules.flatMap(ruleProblems),
    ...(plan.nft === null ? [] : nftProblems(plan.nft)),
    ...plan.sysctls.flatMap(sysctlProblems),
  ];
}

function linkProblems(link: LinkPlan): string[] {
  const wrong: string[] = [];
  if (!isLinkName(link.name)) wrong.push(`"${link.name}" is no interface name`);
  if (!isInteger(link.mtu, 68, 65_535)) wrong.push(`${link.mtu} is no MTU (68–65535)`);
  for (const address of link.addresses) {
    const parsed = parsePrefix(address);
    if (parsed === null) wrong.push(`"${address}" is no address with prefix length`);
    else if (parsed.family === 6 && link.mtu < 1280) {
      wrong.push(`${address} needs an MTU of 1280, not ${link.mtu} (RFC 8200 §5)`);
    }
  }
  return wrong;
}

function routeProblems(route: RoutePlan): string[] {
  const wrong: string[] = [];
  if (parsePrefix(route.prefix) === null) wrong.push(`"${route.prefix}" is no prefix`);
  if (!isInteger(route.table, 1, 0xffff_ffff)) wrong.push(`${route.table} is no routing table`);
  if (route.metric !== undefined && !isInteger(route.metric, 1, 0xffff_ffff)) {
    wrong.push(`${route.metric} is no metric`);
  }
  if (route.type === 'unicast') {
    if (!isLinkName(route.dev)) wrong.push(`"${route.dev}" is no interface name`);
    if (route.via !== undefined && (route.via.includes('/') || parsePrefix(route.via) === null)) {
      wrong.push(`"${route.via}" is no address`);
    }
  }
  return wrong;
}

function ruleProblems(rule: RulePlan): string[] {
  const wrong: string[] = [];
  if (!isInteger(rule.priority, 1, 32_765)) wrong.push(`${rule.priority} is no rule priority (1–32765)`);
  if (!isInteger(rule.table, 1, 0xffff_ffff)) wrong.push(`${rule.table} is no routing table`);
  if (rule.fwmark !== undefined && !isInteger(rule.fwmark.mark, 1, 0xffff_ffff)) {
    wrong.push(`${rule.fwmark.mark} is no mark`);
  }
  if (rule.suppressPrefixLength !== undefined && !isInteger(rule.suppressPrefixLength, 0, 128)) {
    wrong.push(`${rule.suppressPrefixLength} is no prefix length`);
  }
  return wrong;
}

function nftProblems(table: NftTable): string[] {
  const sets = new Map(table.sets.map((set) => [set.name, set]));
  const names = [
    table.name,
    ...table.sets.map((set) => set.name),
    ...table.chains.map((chain) => chain.name),
  ];
  const wrong = names.filter((name) => !nftName.test(name)).map((name) => `"${name}" is no nftables name`);
  for (const set of table.sets) {
    for (const prefix of set.prefixes) {
      if (parsePrefix(prefix)?.family !== set.family) {
        wrong.push(`"${prefix}" is no IPv${set.family} prefix for set ${set.name}`);
      }
    }
  }
  for (const rule of table.chains.flatMap((chain) => chain.rules)) {
    wrong.push(...rule.match.flatMap((match) => matchProblems(match, sets)));
    wrong.push(...verdictProblems(rule.verdict));
    if (rule.comment !== undefined && !nftComment.test(rule.comment)) {
      wrong.push(`"${rule.comment}" is no rule comment`);
    }
  }
  return wrong;
}

function verdictProblems(verdict: NftVerdict): string[] {
  if (typeof verdict === 'string') return [];
  const { family, address, port } = verdict;
  const wrong = portProblems(port);
  if (address.includes('/') || parsePrefix(address)?.family !== family) {
    wrong.push(`"${address}" is no IPv${family} address`);
  }
  return wrong;
}

function portProblems(port: number): string[] {
  return isInteger(port, 1, 65_535) ? [] : [`${port} is no port`];
}

function matchProblems(match: NftMatch, sets: ReadonlyMap<string, { readonly family: number }>): string[] {
  switch (match.on) {
    case 'inInterface':
    case 'outInterface':
      if (match.names.length === 0) return ['a match on no interface'];
      return match.names.filter((name) => !isLinkName(name)).map((name) => `"${name}" is no interface name`);
    case 'source':
    case 'destination':
      return sets.get(match.set)?.family === match.family
        ? []
        : [`the table has no IPv${match.family} set "${match.set}"`];
    case 'flow':
      return match.states.length === 0 ? ['a match on no flow state'] : [];
    case 'icmp':
    case 'icmpv6':
      return match.types.length === 0 ? ['a match on no ICMP type'] : [];
    case 'port':
      return portProblems(match.port);
    case 'family':
    case 'sourceIsLocal':
    case 'destinationIsLocal':
    case 'translated':
      return [];
  }
}

function sysctlProblems(sysctl: SysctlPlan): string[] {
  const wrong: string[] = [];
  if (!sysctlKey.test(sysctl.key) || /\/\.\.?(\/|$)/.test(sysctl.key)) {
    wrong.push(`"${sysctl.key}" is no parameter below /proc/sys/net`);
  }
  if (!sysctlValue.test(sysctl.value)) wrong.push(`"${sysctl.value}" is no value for ${sysctl.key}`);
  return wrong;
}

function isInteger(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
