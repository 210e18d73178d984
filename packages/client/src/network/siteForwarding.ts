import type {
  Family,
  ForwardFilter,
  Forwarding,
  HostFacts,
  NftChain,
  NftMatch,
  NftRule,
  NftSet,
} from '@masque-vpn/host';
import { parsePrefix, type Prefix, prefixContains, prefixesOverlap } from '@masque-vpn/protocol';

/** Networks behind this machine, and what the host needs to forward for them. */
export interface SiteForwarding {
  /** Prefixes that were offered to the server. */
  readonly behind: readonly string[];
  readonly forwarding: Forwarding;
}

/** Interfaces, per family, by which a network behind this machine is reached; default routes do not count. */
export function leadsBehind(
  facts: HostFacts,
  behind: readonly string[],
): (interfaceName: string, family: Family) => boolean {
  const wanted = behind.map(prefixOf);
  return (name, family) => {
    const routed = facts.routes.some(
      (route) =>
        route.interface === name &&
        route.family === family &&
        wanted.some((prefix) => leadsTo(route.prefix, prefix)),
    );
    return (
      routed ||
      facts.interfaces.some(
        (own) =>
          own.name === name &&
          own.addresses.some((fact) => {
            const address = parsePrefix(fact.address);
            return address.ok && wanted.some((prefix) => prefixContains(prefix, address.value.address));
          }),
      )
    );
  };
}

/** The sets that {@link forwardChain} speaks of. */
export function behindSets(behind: readonly string[], families: readonly Family[]): NftSet[] {
  return families
    .map((family) => ({ name: `behind${family}`, family, prefixes: ofFamily(behind, family) }))
    .filter(({ prefixes }) => prefixes.length > 0);
}

/**
 * What is forwarded for the networks behind this machine: out of the tunnel only to them, whatever the server sends,
 * and between the interfaces that forward because of us nothing that was not forwarded before. What goes into the
 * tunnel is judged by the engine, which lets only these sources and our own address in.
 */
export function forwardChain(
  tunName: string,
  { behind, forwarding }: SiteForwarding,
  families: readonly Family[],
): NftChain {
  const fromTun: NftMatch = { on: 'inInterface', op: 'is', names: [tunName] };
  const toTun: NftMatch = { on: 'outInterface', op: 'is', names: [tunName] };
  return {
    name: 'forward',
    type: 'filter',
    hook: 'forward',
    priority: 0,
    rules: [
      { match: [fromTun, toTun], verdict: 'drop', comment: 'nothing turns round here' },
      { match: [fromTun, { on: 'flow', states: ['established', 'related'] }], verdict: 'accept' },
      ...behindSets(behind, families).map(({ name, family }): NftRule => ({
        match: [fromTun, { on: 'destination', family, op: 'is', set: name }],
        verdict: 'accept',
        comment: 'a network offered to the server (CIP-717)',
      })),
      { match: [fromTun], verdict: 'drop', comment: 'this network was not offered to the server' },
      ...families
        .filter((family) => forwarding.opened[family].length > 0)
        .map((family): NftRule => ({
          match: [
            { on: 'family', family },
            { on: 'inInterface', op: 'is', names: forwarding.opened[family] },
            { on: 'outInterface', op: 'is', names: forwarding.opened[family] },
          ],
          verdict: 'drop',
          comment: 'this host did not route between these before',
        })),
    ],
  };
}

/** What keeps the networks behind this machine from being reached although we did our part, one sentence each. */
export function siteWarnings(
  behind: readonly string[],
  facts: HostFacts,
  filters: readonly ForwardFilter[],
): string[] {
  const unreachable = behind.filter(
    (prefix) => !facts.routes.some((route) => leadsTo(route.prefix, prefixOf(prefix))),
  );
  return [
    ...unreachable.map((prefix) => `${prefix} is offered to the server, but this host has no route there`),
    ...filters.map(
      ({ family, table, chain }) =>
        `the firewall chain ${family} ${table} ${chain} drops forwarded packets by default: allow there what comes from the tunnel, or the networks behind this host are not reached`,
    ),
  ];
}

/** Whether a route, other than a default route, leads to a part of `wanted`. */
function leadsTo(route: string, wanted: Prefix): boolean {
  const prefix = parsePrefix(route);
  return prefix.ok && prefix.value.length > 0 && prefixesOverlap(prefix.value, wanted);
}

function ofFamily(prefixes: readonly string[], family: Family): string[] {
  return prefixes.filter((prefix) => prefix.includes(':') === (family === 6));
}

function prefixOf(text: string): Prefix {
  const parsed = parsePrefix(text);
  if (!parsed.ok) throw new RangeError(`${text}: ${parsed.error.message}`);
  return parsed.value;
}
