import type { EndpointModel, RuleDestinationModel, RuleSubjectModel } from '@masque-vpn/server/models';
import { parsePrefixText } from './network.js';
import { listOf, means, type Parsed, wrong } from './parsed.js';

/** Whom a rule is about: `everyone`, `group:NAME`, `client:NAME`, or prefixes outside (site to site). */
export function parseSubject(text: string): Parsed<RuleSubjectModel> {
  if (text === 'everyone') return means({ kind: 'everyone' });
  const named = parseNamed(text);
  if (named !== null) return means(named);
  const prefixes = listOf(parsePrefixText)(text);
  if (prefixes.ok && prefixes.value.length > 0) return means({ kind: 'prefixes', prefixes: prefixes.value });
  return wrong('must be everyone, group:NAME, client:NAME or prefixes like 10.20.0.0/16');
}

/** Where to: `any`, `group:NAME`, `client:NAME`, prefixes, or a DNS name. */
export function parseDestination(text: string): Parsed<RuleDestinationModel> {
  if (text === 'any') return means({ kind: 'any' });
  const named = parseNamed(text);
  if (named !== null) return means(named);
  const prefixes = listOf(parsePrefixText)(text);
  if (prefixes.ok && prefixes.value.length > 0) return means({ kind: 'prefixes', prefixes: prefixes.value });
  // Host bits, a length that is too long: said better than "no DNS name".
  if (!prefixes.ok && /^[\d.:a-fA-F]+\//.test(text)) return prefixes;
  if (/^(?=.*[a-zA-Z])[a-zA-Z0-9_.-]{1,253}$/.test(text)) return means({ kind: 'name', name: text });
  return wrong('must be any, group:NAME, client:NAME, prefixes like 10.20.0.0/16, or a DNS name');
}

/** One end of a packet: `client:NAME` or an address; what is no address is taken for a client's name. */
export function parseEndpoint(text: string): Parsed<EndpointModel> {
  const named = /^client:([a-z0-9-]{1,63})$/.exec(text)?.[1];
  if (named !== undefined) return means({ client: named });
  const prefix = parsePrefixText(text);
  if (prefix.ok && !text.includes('/')) return means({ address: text });
  if (/^[a-z0-9-]{1,63}$/.test(text)) return means({ client: text });
  return wrong('must be an IP address or the name of a client');
}

/** The end of a rule as people write it; {@link parseSubject} and {@link parseDestination} read it back. */
export function ruleEndText(end: RuleSubjectModel | RuleDestinationModel): string {
  switch (end.kind) {
    case 'everyone':
    case 'any':
      return end.kind;
    case 'group':
    case 'client':
      return `${end.kind}:${end.id}`;
    case 'prefixes':
      return end.prefixes.join(',');
    case 'name':
      return end.name;
  }
}

function parseNamed(text: string): { readonly kind: 'group' | 'client'; readonly id: string } | null {
  const [, kind, id] = /^(group|client):([a-z0-9-]{1,63})$/.exec(text) ?? [];
  return (kind === 'group' || kind === 'client') && id !== undefined ? { kind, id } : null;
}
