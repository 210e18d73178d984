import { disjoint, type HostReach } from './reach.js';
import type { Family, NftChain, NftMatch, NftRule, NftSet, NftTable } from '@masque-vpn/host';

/** The server's own nftables table. */
export const serverNftTable = 'masque_vpn';

export interface FirewallSettings {
  readonly tunName: string;
  /** Per family in use: its pools and the server's own address in the first of them. */
  readonly families: readonly {
    readonly family: Family;
    readonly pools: readonly string[];
    readonly gateway: string;
  }[];
  readonly nat: boolean;
  readonly hostAccess: boolean;
  readonly reach: HostReach;
  /** Interfaces, per family, that forward only because of us. */
  readonly opened: Readonly<Record<Family, readonly string[]>>;
}

/**
 * What the kernel lets through between the TUN and everything else. The engine checks every packet first (source,
 * destination, peer to peer); this table holds even where it is wrong, and guards the host itself.
 */
export function serverFirewall(settings: FirewallSettings): NftTable {
  return {
    name: serverNftTable,
    sets: settings.families.flatMap(({ family, pools, gateway }): NftSet[] => [
      { name: `pool${family}`, family, prefixes: [...pools, ...disjoint(settings.reach.behind, family)] },
      { name: `gateway${family}`, family, prefixes: [gateway] },
      { name: `inbound${family}`, family, prefixes: disjoint(settings.reach.inbound, family) },
    ]),
    chains: [
      prerouting(settings),
      ...(settings.reach.forwards.length > 0 ? [forwards(settings)] : []),
      ...(settings.hostAccess ? [] : [input(settings)]),
      forward(settings),
      ...(settings.nat ? [postrouting(settings)] : []),
    ],
  };
}

/** Before routing and conntrack: what must not even leave a trace. */
function prerouting({ tunName, families }: FirewallSettings): NftChain {
  const unused = ([4, 6] as const).filter((family) => !families.some((used) => used.family === family));
  return {
    name: 'prerouting',
    type: 'filter',
    hook: 'prerouting',
    priority: -300,
    rules: [
      { match: [{ on: 'inInterface', op: 'not', names: [tunName] }], verdict: 'return' },
      ...unused.map((family): NftRule => ({ match: [{ on: 'family', family }], verdict: 'drop' })),
      ...families.flatMap(({ family }): NftRule[] => [
        {
          match: [{ on: 'source', family, op: 'not', set: `pool${family}` }],
          verdict: 'drop',
          comment: 'source is no client (CIP-1003)',
        },
        {
          match: [{ on: 'source', family, op: 'is', set: `gateway${family}` }, icmpErrors(family)],
          verdict: 'return',
          comment: 'what the engine says to senders: packet too big, unreachable (CIP-1106)',
        },
        {
          match: [{ on: 'source', family, op: 'is', set: `gateway${family}` }],
          verdict: 'drop',
          comment: 'source is this server (CIP-1003)',
        },
        {
          match: [{ on: 'destination', family, op: 'is', set: `gateway${family}` }],
          verdict: 'return',
        },
        {
          match: [{ on: 'destination', family, op: 'is', set: `pool${family}` }],
          verdict: 'drop',
          comment: 'client to client is the matter of the engine (CIP-1016)',
        },
      ]),
    ],
  };
}

/** Ports of this host that lead to clients; not for clients themselves, whose packets would come back to the TUN. */
function forwards({ tunName, reach }: FirewallSettings): NftChain {
  return {
    name: 'forwards',
    type: 'nat',
    hook: 'prerouting',
    priority: -100,
    rules: [
      { match: [{ on: 'inInterface', op: 'is', names: [tunName] }], verdict: 'return' },
      ...reach.forwards.flatMap(({ protocol, publicPort, addresses, port }) =>
        addresses.map((address): NftRule => {
          const family = address.includes(':') ? 6 : 4;
          return {
            match: [
              { on: 'family', family },
              { on: 'port', protocol, port: publicPort },
              { on: 'destinationIsLocal', op: 'is' },
            ],
            verdict: { to: 'destination', family, address, port },
          };
        }),
      ),
    ],
  };
}

/** The errors among the ICMP messages of a family. */
function icmpErrors(family: Family): NftMatch {
  return family === 4
    ? { on: 'icmp', types: ['destination-unreachable', 'time-exceeded', 'parameter-problem'] }
    : {
        on: 'icmpv6',
        types: ['destination-unreachable', 'packet-too-big', 'time-exceeded', 'parameter-problem'],
      };
}

/** The host itself, the administration API above all, is no destination of tunnels (CIP-1014). */
function input({ tunName }: FirewallSettings): NftChain {
  return {
    name: 'input',
    type: 'filter',
    hook: 'input',
    priority: 0,
    rules: [
      { match: [{ on: 'inInterface', op: 'not', names: [tunName] }], verdict: 'return' },
      { match: [{ on: 'flow', states: ['established', 'related'] }], verdict: 'accept' },
      { match: [{ on: 'icmp', types: ['echo-request'] }], verdict: 'accept' },
      {
        match: [
          {
            on: 'icmpv6',
            types: [
              'echo-request',
              'destination-unreachable',
              'packet-too-big',
              'time-exceeded',
              'parameter-problem',
            ],
          },
        ],
        verdict: 'accept',
      },
      { match: [], verdict: 'reject', comment: 'host_access is false (CIP-1014)' },
    ],
  };
}

function forward({ tunName, opened, families }: FirewallSettings): NftChain {
  const fromTun: NftMatch = { on: 'inInterface', op: 'is', names: [tunName] };
  const toTun: NftMatch = { on: 'outInterface', op: 'is', names: [tunName] };
  return {
    name: 'forward',
    type: 'filter',
    hook: 'forward',
    priority: 0,
    rules: [
      { match: [fromTun, toTun], verdict: 'drop', comment: 'no hairpin in the kernel (CIP-1016)' },
      { match: [fromTun], verdict: 'accept' },
      { match: [toTun, { on: 'flow', states: ['established', 'related'] }], verdict: 'accept' },
      {
        match: [toTun, { on: 'translated' }],
        verdict: 'accept',
        comment: 'port forwards; the engine judges',
      },
      ...families.map(({ family }): NftRule => ({
        match: [toTun, { on: 'source', family, op: 'is', set: `inbound${family}` }],
        verdict: 'accept',
        comment: 'rules are about these; the engine judges',
      })),
      { match: [toTun], verdict: 'reject', comment: 'clients are not reached unasked' },
      ...([4, 6] as const)
        .filter((family) => opened[family].length > 0)
        .map((family): NftRule => ({
          match: [
            { on: 'family', family },
            { on: 'inInterface', op: 'is', names: opened[family] },
            { on: 'outInterface', op: 'is', names: opened[family] },
          ],
          verdict: 'drop',
          comment: 'this host did not route between these before',
        })),
    ],
  };
}

function postrouting({ tunName, families }: FirewallSettings): NftChain {
  return {
    name: 'postrouting',
    type: 'nat',
    hook: 'postrouting',
    priority: 100,
    rules: families.map(({ family }) => ({
      match: [
        // A packet of the server to itself keeps its address.
        { on: 'outInterface', op: 'not', names: ['lo', tunName] },
        { on: 'source', family, op: 'is', set: `pool${family}` },
      ],
      verdict: 'masquerade',
    })),
  };
}
