import type { FirewallChain } from '@masque-vpn/host';
import { checkOf, type Check, type CheckFinding } from './check.js';
import { hostUnreadable, tunDown, type ForwardingFacts } from './forwarding.js';

/** What is known about the translation of clients' addresses. */
export interface NatFacts extends Pick<ForwardingFacts, 'tun' | 'managed' | 'unreadable' | 'packets'> {
  /** Whether the configuration wants it. */
  readonly wanted: boolean;
  /** Families with pools and a kernel that speaks them. */
  readonly families: readonly (4 | 6)[];
  readonly pools: readonly string[];
  /** Families that some rule translates. */
  readonly translated: readonly (4 | 6)[];
}

/** Do packets of clients leave under an address that answers come back to? */
export function checkNat(facts: NatFacts): Check {
  const { tun, unreadable, wanted, families, translated, pools } = facts;
  if (tun.problem !== null) return checkOf('nat', [tunDown(tun.problem)]);
  const answered = answeredFindings(facts);
  if (!wanted) return checkOf('nat', [natOff(pools), ...answered]);
  if (unreadable !== null) return checkOf('nat', [...answered, hostUnreadable(unreadable)]);
  const missing = families.filter((family) => !translated.includes(family));
  if (missing.length > 0)
    return checkOf(
      'nat',
      missing.map((family) => natMissing(family, facts.managed)),
    );
  return checkOf('nat', [natReady(families), ...answered]);
}

function natOff(pools: readonly string[]): CheckFinding {
  return {
    code: 'NAT_OFF',
    severity: 'info',
    facts: { pools },
    message: 'network.nat is false: clients keep their own addresses outside',
    remedy: `the routers around this host need a route to ${pools.join(', ')} by it; with network.nat = true they need none`,
  };
}

function natMissing(family: 4 | 6, managed: boolean): CheckFinding {
  return {
    code: 'NAT_MISSING',
    severity: 'problem',
    facts: { family },
    message: `no rule translates the IPv${family} addresses of clients, so no answers come back`,
    remedy: managed
      ? 'the server puts it back within 30 seconds; if it stays missing, something else flushes the nftables tables'
      : 'network.manage is false: make a masquerade rule for the pools in the firewall that you manage',
  };
}

function natReady(families: readonly (4 | 6)[]): CheckFinding {
  const names = families.map((family) => `IPv${family}`);
  return {
    code: 'NAT_READY',
    severity: 'ok',
    facts: { families: names },
    message: `the addresses of clients are translated: ${names.join(', ')}`,
    remedy: null,
  };
}

function answeredFindings({ packets }: NatFacts): CheckFinding[] {
  const { toClients } = packets;
  if (toClients === 0) return [];
  return [
    {
      code: 'NAT_ANSWERED',
      severity: 'ok',
      facts: { toClients },
      message: `${toClients} packets came back for clients`,
      remedy: null,
    },
  ];
}

/** Families whose packets some chain of the firewall translates when they leave. */
export function translatedFamilies(chains: readonly FirewallChain[]): (4 | 6)[] {
  const rules = chains
    .filter(({ base }) => base?.hook === 'postrouting' && base.type === 'nat')
    .flatMap((chain) => reachable(chains, chain));
  return ([4, 6] as const).filter((family) =>
    rules.some(
      ({ nftFamily, rule }) =>
        (rule.verdict?.kind === 'masquerade' || rule.verdict?.kind === 'snat') &&
        nftFamily !== (family === 4 ? 'ip6' : 'ip') &&
        rule.matches.every(({ key, values }) => {
          if (key?.startsWith(family === 4 ? 'ip6.' : 'ip.') === true) return false;
          return key !== 'meta.nfproto' || values.includes(family === 4 ? 'ipv4' : 'ipv6');
        }),
    ),
  );
}

/** The rules of a chain and of those that it jumps to. */
function reachable(
  chains: readonly FirewallChain[],
  start: FirewallChain,
): { readonly nftFamily: string; readonly rule: FirewallChain['rules'][number] }[] {
  const seen = new Set<FirewallChain>();
  const queue = [start];
  for (let chain = queue.pop(); chain !== undefined; chain = queue.pop()) {
    if (seen.has(chain)) continue;
    seen.add(chain);
    const { family, table } = chain;
    const targets = chain.rules.flatMap(({ verdict }) =>
      verdict !== null && 'chain' in verdict ? verdict.chain : [],
    );
    queue.push(
      ...chains.filter(
        (other) => other.family === family && other.table === table && targets.includes(other.name),
      ),
    );
  }
  return [...seen].flatMap(({ family, rules }) => rules.map((rule) => ({ nftFamily: family, rule })));
}
