import { formatPrefix, parsePrefix, prefixesOverlap, type Prefix } from '@masque-vpn/protocol';

/** A port of this host that leads to a client's inner address. */
export interface HostForward {
  readonly protocol: 'tcp' | 'udp';
  readonly publicPort: number;
  /** One of each family that the client has. */
  readonly addresses: readonly string[];
  readonly port: number;
}

/** How clients are reached from outside the tunnel; prefixes and addresses are canonical text. */
export interface HostReach {
  readonly forwards: readonly HostForward[];
  /** Networks behind clients that are connected: they lead into the TUN. */
  readonly behind: readonly string[];
  /** Hosts outside whose flows towards clients are judged by rules, instead of being refused here. */
  readonly inbound: readonly string[];
}

/** Nobody is reached unasked. */
export const noReach: HostReach = { forwards: [], behind: [], inbound: [] };

/** The prefixes of one family without those that lie in others: an nft set takes no overlap. */
export function disjoint(prefixes: readonly string[], family: 4 | 6): readonly string[] {
  const parsed = prefixes.flatMap((text): Prefix[] => {
    const prefix = parsePrefix(text);
    return prefix.ok && prefix.value.address.family === family ? [prefix.value] : [];
  });
  const kept: Prefix[] = [];
  for (const prefix of parsed.sort((a, b) => a.length - b.length)) {
    if (!kept.some((wider) => prefixesOverlap(wider, prefix))) kept.push(prefix);
  }
  return kept.map(formatPrefix);
}
