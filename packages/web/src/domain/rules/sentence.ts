import { formatPorts } from '../ports.js';
import type { Protocol, RuleContent } from './rule.js';

type Said = 'allow' | 'deny' | 'denyEveryone';
export type SentenceKind = Said | `${Said}Service`;

/** Which sentence says what a rule does: with the service or without; what nobody may is said of nobody. */
export function sentenceKindOf({
  action,
  subject,
  protocol,
}: Pick<RuleContent, 'action' | 'subject' | 'protocol'>): SentenceKind {
  const said: Said = action === 'deny' && subject.kind === 'everyone' ? 'denyEveryone' : action;
  return protocol === 'any' ? said : `${said}Service`;
}

/** `TCP 443, 8000–8999`, `ICMP`, `GRE`; null: every protocol. */
export function serviceOf({ protocol, ports }: Pick<RuleContent, 'protocol' | 'ports'>): string | null {
  if (protocol === 'any') return null;
  const name = protocolName(protocol);
  return ports.length === 0 ? name : `${name} ${formatPorts(ports)}`;
}

/** IP protocols that people know by name (IANA protocol numbers). */
const names: Readonly<Record<string, string>> = {
  ...{ icmp: 'ICMP', tcp: 'TCP', udp: 'UDP' },
  ...{ 1: 'ICMP', 2: 'IGMP', 6: 'TCP', 17: 'UDP', 41: 'IPv6', 47: 'GRE', 50: 'ESP', 51: 'AH' },
  ...{ 58: 'ICMPv6', 89: 'OSPF', 103: 'PIM', 112: 'VRRP', 132: 'SCTP', 136: 'UDP-Lite' },
};

/** A protocol's name, or its number where it has none that people know. */
export function protocolName(protocol: Exclude<Protocol, 'any'>): string {
  return names[String(protocol)] ?? `IP ${protocol}`;
}
