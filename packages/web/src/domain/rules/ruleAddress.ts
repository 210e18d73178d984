import type { LocationQuery, LocationQueryRaw } from 'vue-router';
import { parsePrefixList, isDnsName, partsOf } from '../address.js';
import { formatPorts, parsePorts } from '../ports.js';
import type { Protocol, RuleContent, RuleDestination, RuleSubject } from './rule.js';

/** A rule that somebody may want, as a link carries it. */
export interface ProposedRule {
  readonly content: RuleContent;
  /** Id of the rule that it has to stand before; null: at the end. */
  readonly before: string | null;
}

const slug = /^[a-z0-9-]{1,63}$/;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The query of `/rules` that opens the form for a new rule with this filled in. */
export function proposalQuery({ content, before }: ProposedRule): LocationQueryRaw {
  const { action, subject, destination, protocol, ports, note } = content;
  return {
    new: action,
    from: endText(subject),
    to: endText(destination),
    ...(protocol === 'any' ? {} : { protocol: String(protocol) }),
    ...(ports.length === 0 ? {} : { ports: formatPorts(ports).replaceAll('–', '-').replaceAll(', ', ',') }),
    ...(note === null ? {} : { note }),
    ...(before === null ? {} : { before }),
  };
}

/** What a query proposes; parts that make no sense are as in an empty form. Null: it proposes nothing. */
export function readProposal(query: LocationQuery): ProposedRule | null {
  const text = (name: string): string => {
    const value = query[name];
    return typeof value === 'string' ? value : '';
  };
  if (!('new' in query)) return null;
  const protocol = readProtocol(text('protocol'));
  const ports = parsePorts(text('ports'));
  const hasPorts = protocol === 'tcp' || protocol === 'udp';
  const note = text('note').slice(0, 500);
  return {
    content: {
      enabled: true,
      action: text('new') === 'deny' ? 'deny' : 'allow',
      subject: readSubject(text('from')),
      destination: readDestination(text('to')),
      protocol,
      ports: ports.ok && hasPorts ? ports.ports.map(([first, last]) => [first, last]) : [],
      note: note === '' ? null : note,
    },
    before: uuid.test(text('before')) ? text('before') : null,
  };
}

function endText(end: RuleSubject | RuleDestination): string {
  switch (end.kind) {
    case 'group':
    case 'client':
      return `${end.kind}:${end.id}`;
    case 'prefixes':
      return `prefixes:${end.prefixes.join(',')}`;
    case 'name':
      return `name:${end.name}`;
    case 'everyone':
    case 'any':
      return end.kind;
  }
}

function readSubject(text: string): RuleSubject {
  return readParty(text) ?? { kind: 'everyone' };
}

function readDestination(text: string): RuleDestination {
  const party = readParty(text);
  if (party !== null) return party;
  const name = text.startsWith('name:') ? text.slice('name:'.length) : '';
  return isDnsName(name) ? { kind: 'name', name } : { kind: 'any' };
}

/** What may stand on both sides. */
function readParty(text: string): Extract<RuleSubject, { kind: 'group' | 'client' | 'prefixes' }> | null {
  const colon = text.indexOf(':');
  const kind = text.slice(0, Math.max(colon, 0));
  const rest = text.slice(colon + 1);
  if ((kind === 'group' || kind === 'client') && slug.test(rest)) return { kind, id: rest };
  if (kind !== 'prefixes' || partsOf(rest).length === 0) return null;
  const list = parsePrefixList(rest);
  return list.ok ? { kind, prefixes: [...list.prefixes] } : null;
}

function readProtocol(text: string): Protocol {
  if (text === 'tcp' || text === 'udp' || text === 'icmp') return text;
  const number = /^[1-9]\d{0,2}$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= 255 ? number : 'any';
}
