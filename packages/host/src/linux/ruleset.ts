import { z } from 'zod';
import type { FirewallChain, FirewallMatch, FirewallRule, FirewallVerdict } from '../host.js';
import { failed, succeeded, type HostResult } from '../result.js';
import type { Commands } from './command.js';

const Chain = z.object({
  family: z.string(),
  table: z.string(),
  name: z.string(),
  type: z.string().optional(),
  hook: z.string().optional(),
  policy: z.string().optional(),
});
const Rule = z.object({
  family: z.string(),
  table: z.string(),
  chain: z.string(),
  expr: z.array(z.record(z.string(), z.unknown())).default([]),
});
const Ruleset = z.object({
  nftables: z.array(z.looseObject({ chain: Chain.optional(), rule: Rule.optional() })),
});

const Operand = z.union([
  z.object({ payload: z.object({ protocol: z.string(), field: z.string() }) }),
  z.object({ meta: z.object({ key: z.string() }) }),
  z.object({ ct: z.object({ key: z.string() }) }),
]);
const Range = z.object({ range: z.tuple([z.number(), z.number()]) });
const Scalar = z.union([z.string(), z.number(), Range]);
const Right = z.union([Scalar, z.array(Scalar), z.object({ set: z.array(Scalar) })]);
const Match = z.object({ op: z.string(), left: Operand, right: Right });
const Target = z.object({ target: z.string() });
const VerdictMap = z.object({
  key: Operand,
  data: z.object({ set: z.array(z.tuple([Scalar, z.record(z.string(), z.unknown())])) }),
});

/** What changes nothing about where a packet goes. */
const harmless = new Set(['counter', 'log', 'mangle', 'notrack', 'set', 'ct helper', 'quota']);

const finalVerdicts = [
  'accept',
  'drop',
  'reject',
  'return',
  'masquerade',
  'snat',
  'dnat',
  'redirect',
] as const;

/** Every chain of every table, with its rules; whoever made them. */
export async function readRuleset(commands: Commands): Promise<HostResult<readonly FirewallChain[]>> {
  // Terse: without what is in sets.
  const output = await commands.expect('nft', ['-j', '-t', 'list', 'ruleset']);
  if (!output.ok) return output;
  try {
    return succeeded(firewallChains(JSON.parse(output.value)));
  } catch {
    return failed('HOST_COMMAND_FAILED', 'nft -j -t list ruleset: not the JSON we know');
  }
}

/** Picks chains and rules out of what `nft -j -t list ruleset` printed. */
export function firewallChains(listing: unknown): FirewallChain[] {
  const { nftables } = Ruleset.parse(listing);
  const rules = nftables.flatMap(({ rule }) => rule ?? []);
  return nftables.flatMap(({ chain }) => {
    if (chain === undefined) return [];
    const { family, table, name, type, hook, policy } = chain;
    const own = rules.filter((rule) => rule.family === family && rule.table === table && rule.chain === name);
    return {
      family,
      table,
      name,
      base: hook === undefined ? null : { hook, type: type ?? '', drops: policy === 'drop' },
      rules: own.flatMap(({ expr }) => rulesOf(expr)),
    };
  });
}

/** One rule, or one for each entry of a verdict map. */
function rulesOf(expressions: readonly Readonly<Record<string, unknown>>[]): FirewallRule[] {
  const matches: FirewallMatch[] = [];
  for (const expression of expressions) {
    const [[kind, value] = ['', null]] = Object.entries(expression);
    if (harmless.has(kind)) continue;
    if (kind === 'match') matches.push(matchOf(value));
    else if (kind === 'vmap') return mapRules(matches, value);
    else {
      const verdict = verdictOf(kind, value);
      if (verdict !== null) return [{ matches, verdict }];
      matches.push(unknownMatch);
    }
  }
  return [{ matches, verdict: null }];
}

const unknownMatch: FirewallMatch = { key: null, negated: false, values: [] };

function matchOf(value: unknown): FirewallMatch {
  const parsed = Match.safeParse(value);
  if (!parsed.success) return unknownMatch;
  const { op, left, right } = parsed.data;
  const negated = op === '!=';
  if (!negated && op !== '==' && op !== 'in') return unknownMatch;
  return { key: keyOf(left), negated, values: valuesOf(right) };
}

/** Empty: what it stands for is in a named set. */
function valuesOf(right: z.infer<typeof Right>): FirewallMatch['values'] {
  const scalars =
    typeof right === 'object' && 'set' in right ? right.set : Array.isArray(right) ? right : [right];
  const values = scalars.map((scalar) => (typeof scalar === 'object' ? scalar.range : scalar));
  return values.some((value) => typeof value === 'string' && value.startsWith('@')) ? [] : values;
}

function keyOf(operand: z.infer<typeof Operand>): string {
  if ('payload' in operand) return `${operand.payload.protocol}.${operand.payload.field}`;
  return 'meta' in operand ? `meta.${operand.meta.key}` : `ct.${operand.ct.key}`;
}

function verdictOf(kind: string, value: unknown): FirewallVerdict | null {
  const final = finalVerdicts.find((verdict) => verdict === kind);
  if (final !== undefined) return { kind: final };
  const target = Target.safeParse(value);
  if (!target.success || (kind !== 'jump' && kind !== 'goto')) return null;
  return { kind, chain: target.data.target };
}

function mapRules(matches: readonly FirewallMatch[], value: unknown): FirewallRule[] {
  const parsed = VerdictMap.safeParse(value);
  // What it decides is not known, so anything may happen.
  if (!parsed.success) return [{ matches: [...matches, unknownMatch], verdict: { kind: 'accept' } }];
  const { key, data } = parsed.data;
  return data.set.map(([element, verdict]) => {
    const [[kind, target] = ['', null]] = Object.entries(verdict);
    return {
      matches: [...matches, { key: keyOf(key), negated: false, values: valuesOf(element) }],
      verdict: verdictOf(kind, target),
    };
  });
}
