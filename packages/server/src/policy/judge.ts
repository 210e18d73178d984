import { parsePrefix, prefixContains, type IpAddress, type Prefix } from '@masque-vpn/protocol';
import type { PortForwardRecord } from '../store/reach.js';
import type { RuleContent, RuleRecord } from '../store/rules.js';
import { isAbout, leadsTo, protocolsOf, type RuleParty } from './compile.js';

/** One end of a flow, as rules see it. */
export type FlowEnd =
  | { readonly kind: 'client'; readonly party: RuleParty }
  /** Anything but a client: hosts outside, and the server's own tunnel addresses. */
  | { readonly kind: 'outside'; readonly address: IpAddress };

/** The first packet of a flow. */
export interface FirstPacket {
  readonly from: FlowEnd;
  readonly to: FlowEnd;
  /** IP protocol number as it stands in the packet. */
  readonly protocol: number;
  /** Destination port; null where the protocol has none. */
  readonly port: number | null;
}

/** What decides about a flow; `nothing` refuses it. */
export type Decision<Rule extends RuleContent = RuleRecord> =
  | { readonly kind: 'rule'; readonly rule: Rule; readonly passes: boolean }
  | { readonly kind: 'forward'; readonly forward: PortForwardRecord; readonly passes: true }
  | { readonly kind: 'nothing'; readonly passes: false };

/** Rules ready to judge many packets: the same list, with what is slow done once. */
export interface JudgedRules<Rule extends RuleContent = RuleRecord> {
  readonly lines: readonly {
    readonly rule: Rule;
    readonly protocols: readonly number[];
    /** Hosts outside that open, and that are opened to; null: any. */
    readonly from: readonly Prefix[] | null;
    readonly to: readonly Prefix[] | null;
  }[];
  readonly forwards: readonly { readonly forward: PortForwardRecord; readonly sources: readonly Prefix[] }[];
}

/** @param addressesOf what a name stands for, as prefixes */
export function prepareRules<Rule extends RuleContent>(
  rules: readonly Rule[],
  forwards: readonly PortForwardRecord[],
  addressesOf: (name: string) => readonly string[],
): JudgedRules<Rule> {
  return {
    lines: rules
      .filter(({ enabled }) => enabled)
      .map((rule) => {
        const { subject, destination } = rule;
        const name = destination.kind === 'name' ? addressesOf(destination.name) : null;
        return {
          rule,
          protocols: protocolsOf(rule.protocol),
          from: subject.kind === 'prefixes' ? parsed(subject.prefixes) : null,
          to: destination.kind === 'prefixes' ? parsed(destination.prefixes) : name && parsed(name),
        };
      }),
    forwards: forwards
      .filter(({ enabled }) => enabled)
      .map((forward) => ({ forward, sources: parsed(forward.sources) })),
  };
}

/**
 * Whether a flow passes, by the policy as people wrote it: the first rule that matches decides, then port forwards,
 * and what nothing matches is refused. The engine comes to the same by what `compileRules` makes of the rules.
 */
export function judge<Rule extends RuleContent>(
  packet: FirstPacket,
  { lines, forwards }: JudgedRules<Rule>,
): Decision<Rule> {
  const line = lines.find((candidate) => matches(candidate, packet));
  if (line !== undefined) return { kind: 'rule', rule: line.rule, passes: line.rule.action === 'allow' };
  const found = forwards.find((candidate) => forwardMatches(candidate, packet));
  if (found !== undefined) return { kind: 'forward', forward: found.forward, passes: true };
  return { kind: 'nothing', passes: false };
}

function matches(line: JudgedRules<RuleContent>['lines'][number], packet: FirstPacket): boolean {
  const { rule, protocols } = line;
  if (!protocols.includes(0) && !protocols.includes(packet.protocol)) return false;
  if (!hasPort(rule.ports, packet.port)) return false;
  const { from, to } = packet;
  if (from.kind === 'client') {
    if (!isAbout(rule.subject, from.party)) return false;
    return to.kind === 'client' ? leadsTo(rule.destination, to.party) : reaches(line, to.address);
  }
  return (
    to.kind === 'client' &&
    leadsTo(rule.destination, to.party) &&
    line.from !== null &&
    contains(line.from, from.address)
  );
}

function reaches({ rule, to }: JudgedRules<RuleContent>['lines'][number], address: IpAddress): boolean {
  return rule.destination.kind === 'any' || (to !== null && contains(to, address));
}

function forwardMatches(
  { forward, sources }: JudgedRules['forwards'][number],
  { from, to, protocol, port }: FirstPacket,
): boolean {
  if (from.kind !== 'outside' || to.kind !== 'client') return false;
  if (forward.clientUuid !== to.party.clientUuid || forward.protocol !== protocol) return false;
  return forward.clientPort === port && (sources.length === 0 || contains(sources, from.address));
}

function hasPort(ports: RuleContent['ports'], port: number | null): boolean {
  if (ports.length === 0) return true;
  return port !== null && ports.some(([first, last]) => first <= port && port <= last);
}

function contains(prefixes: readonly Prefix[], address: IpAddress): boolean {
  return prefixes.some((prefix) => prefixContains(prefix, address));
}

function parsed(texts: readonly string[]): readonly Prefix[] {
  return texts.flatMap((text) => {
    const prefix = parsePrefix(text);
    return prefix.ok ? [prefix.value] : [];
  });
}
