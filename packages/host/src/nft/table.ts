import type { Family } from '../family.js';

/**
 * One nftables table of family `inet`, as data. It is rendered to text by `render.ts`; nobody writes nft text
 * by hand, so that no name of an interface or prefix can become syntax.
 */
export interface NftTable {
  /** `[a-z][a-z0-9_]*`. */
  readonly name: string;
  readonly sets: readonly NftSet[];
  readonly chains: readonly NftChain[];
}

/** A named set of prefixes of one family. */
export interface NftSet {
  readonly name: string;
  readonly family: Family;
  /** Disjoint prefixes or addresses. */
  readonly prefixes: readonly string[];
}

/** A base chain; its policy is always accept, because a drop policy would judge other people's packets. */
export interface NftChain {
  readonly name: string;
  readonly type: 'filter' | 'nat';
  readonly hook: 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';
  /** −300 raw (before conntrack), −150 mangle, −100 destination NAT, 0 filter, 100 source NAT. */
  readonly priority: number;
  readonly rules: readonly NftRule[];
}

/** Matches are joined by "and". */
export interface NftRule {
  readonly match: readonly NftMatch[];
  readonly verdict: NftVerdict;
  /** Why the rule exists; shown by `nft list ruleset`. Printable ASCII without quotes. */
  readonly comment?: string;
}

export type NftVerdict =
  | 'accept'
  | 'drop'
  /** ICMP "administratively prohibited" of the packet's family. */
  | 'reject'
  | 'return'
  | 'masquerade'
  /** To this address and port instead; the rule matches TCP or UDP of the address's family. */
  | NftTranslation;

export interface NftTranslation {
  readonly to: 'destination';
  readonly family: Family;
  readonly address: string;
  readonly port: number;
}

type Operator = 'is' | 'not';

export type NftMatch =
  /** Interface the packet came in by or leaves by. */
  | { readonly on: 'inInterface' | 'outInterface'; readonly op: Operator; readonly names: readonly string[] }
  /** Address in a set of the table; implies the family. */
  | {
      readonly on: 'source' | 'destination';
      readonly family: Family;
      readonly op: Operator;
      readonly set: string;
    }
  | { readonly on: 'family'; readonly family: Family }
  /** Conntrack's view of the packet. */
  | { readonly on: 'flow'; readonly states: readonly ('new' | 'established' | 'related' | 'invalid')[] }
  | { readonly on: 'icmp'; readonly types: readonly IcmpType[] }
  | { readonly on: 'icmpv6'; readonly types: readonly Icmpv6Type[] }
  /** The source address is (or is not) one of this host's own. */
  | { readonly on: 'sourceIsLocal'; readonly op: Operator }
  | { readonly on: 'destinationIsLocal'; readonly op: Operator }
  /** Destination port. */
  | { readonly on: 'port'; readonly protocol: 'tcp' | 'udp'; readonly port: number }
  /** The flow goes elsewhere than its sender meant: a destination NAT. */
  | { readonly on: 'translated' };

/** ICMP types by nft's names. */
export type IcmpType =
  'echo-request' | 'echo-reply' | 'destination-unreachable' | 'time-exceeded' | 'parameter-problem';

export type Icmpv6Type =
  | 'echo-request'
  | 'echo-reply'
  | 'destination-unreachable'
  | 'packet-too-big'
  | 'time-exceeded'
  | 'parameter-problem';
