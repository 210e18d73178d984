import type { Family } from '../family.js';
import type { NftChain, NftMatch, NftRule, NftSet, NftTable, NftVerdict } from './table.js';

/** Prefix of the empty chain that says whose table it is; older nft has no table comments. */
export const markerPrefix = 'masque_vpn_owner_';

/**
 * Commands for `nft -f -` that replace the whole table, or create it and fail where it exists, in one transaction.
 * `owner` becomes part of the marker chain: letters, digits and underscores.
 */
export function renderTable(table: NftTable, owner: string, how: 'create' | 'replace' = 'replace'): string {
  return [
    ...(how === 'create' ? [`create table inet ${table.name}`] : removal(table.name)),
    `table inet ${table.name} {`,
    `  chain ${markerPrefix}${owner} {`,
    '  }',
    ...table.sets.flatMap(renderSet),
    ...table.chains.flatMap(renderChain),
    '}',
    '',
  ].join('\n');
}

/** Commands that remove the table whether or not it exists. */
export function renderRemoval(name: string): string {
  return `${removal(name).join('\n')}\n`;
}

/** `delete` fails on a table that does not exist, hence the `add` before it. */
function removal(name: string): string[] {
  return [`add table inet ${name}`, `delete table inet ${name}`];
}

function renderSet(set: NftSet): string[] {
  return [
    `  set ${set.name} {`,
    `    type ${set.family === 4 ? 'ipv4_addr' : 'ipv6_addr'}`,
    '    flags interval',
    ...(set.prefixes.length === 0 ? [] : [`    elements = { ${set.prefixes.join(', ')} }`]),
    '  }',
  ];
}

function renderChain(chain: NftChain): string[] {
  return [
    `  chain ${chain.name} {`,
    `    type ${chain.type} hook ${chain.hook} priority ${chain.priority}; policy accept;`,
    ...chain.rules.map((rule) => `    ${renderRule(rule)}`),
    '  }',
  ];
}

function renderRule(rule: NftRule): string {
  const verdict = renderVerdict(rule.verdict);
  const counted = rule.verdict === 'drop' || rule.verdict === 'reject' ? ['counter'] : [];
  const comment = rule.comment === undefined ? [] : [`comment "${rule.comment}"`];
  return [...rule.match.map(renderMatch), ...counted, verdict, ...comment].join(' ');
}

function renderVerdict(verdict: NftVerdict): string {
  if (verdict === 'reject') return 'reject with icmpx type admin-prohibited';
  if (typeof verdict === 'string') return verdict;
  const { family, address, port } = verdict;
  return family === 4 ? `dnat ip to ${address}:${port}` : `dnat ip6 to [${address}]:${port}`;
}

function renderMatch(match: NftMatch): string {
  switch (match.on) {
    case 'inInterface':
      return `iifname ${operator(match.op)}${anyOf(match.names.map((name) => `"${name}"`))}`;
    case 'outInterface':
      return `oifname ${operator(match.op)}${anyOf(match.names.map((name) => `"${name}"`))}`;
    case 'source':
      return `${header(match.family)} saddr ${operator(match.op)}@${match.set}`;
    case 'destination':
      return `${header(match.family)} daddr ${operator(match.op)}@${match.set}`;
    case 'family':
      return `meta nfproto ipv${match.family}`;
    case 'flow':
      return `ct state ${anyOf(match.states)}`;
    case 'icmp':
      return `icmp type ${anyOf(match.types)}`;
    case 'icmpv6':
      return `icmpv6 type ${anyOf(match.types)}`;
    case 'sourceIsLocal':
      return `fib saddr type ${match.op === 'is' ? '' : '!= '}local`;
    case 'destinationIsLocal':
      return `fib daddr type ${match.op === 'is' ? '' : '!= '}local`;
    case 'port':
      return `${match.protocol} dport ${match.port}`;
    case 'translated':
      return 'ct status dnat';
  }
}

function header(family: Family): string {
  return family === 4 ? 'ip' : 'ip6';
}

function operator(op: 'is' | 'not'): string {
  return op === 'is' ? '' : '!= ';
}

function anyOf(values: readonly string[]): string {
  const [only] = values;
  return values.length === 1 && only !== undefined ? only : `{ ${values.join(', ')} }`;
}
