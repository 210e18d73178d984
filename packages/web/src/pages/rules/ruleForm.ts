import { parsePrefixList, partsOf, isDnsName, type PrefixMistake } from '../../domain/address.js';
import { formatPorts, parsePorts, type PortMistake } from '../../domain/ports.js';
import type { Protocol, RuleContent, RuleDestination, RuleSubject } from '../../domain/rules/rule.js';

/** What somebody has typed into the form of a rule, also what is not of use yet. */
export interface RuleForm {
  enabled: boolean;
  action: RuleContent['action'];
  subjectKind: RuleSubject['kind'];
  subjectGroup: string;
  subjectClient: string;
  subjectPrefixes: string;
  destinationKind: RuleDestination['kind'];
  destinationGroup: string;
  destinationClient: string;
  destinationPrefixes: string;
  destinationName: string;
  protocol: 'any' | 'icmp' | 'tcp' | 'udp' | 'other';
  protocolNumber: string;
  ports: string;
  note: string;
}

export type RuleField = Exclude<keyof RuleForm, 'enabled' | 'action'>;

/** What is wrong with a field; `text` is the part that is. */
export type RuleMistake =
  | { readonly code: 'missing' | 'notAName' | 'notAProtocol' | 'noteTooLong' | 'tooMany' | 'needsClients' }
  | ({ readonly text: string } & (PrefixMistake | Pick<PortMistake, 'code'>));

export type RuleReading =
  | { readonly ok: true; readonly content: RuleContent }
  | { readonly ok: false; readonly mistakes: Readonly<Partial<Record<RuleField, RuleMistake>>> };

/** As many as the API takes. */
const most = { prefixes: 64, ports: 32, note: 500 } as const;

export const emptyRule: RuleContent = {
  enabled: true,
  action: 'allow',
  subject: { kind: 'everyone' },
  destination: { kind: 'any' },
  protocol: 'any',
  ports: [],
  note: null,
};

export function formOf({ subject, destination, protocol, ...rest }: RuleContent): RuleForm {
  return {
    enabled: rest.enabled,
    action: rest.action,
    subjectKind: subject.kind,
    subjectGroup: subject.kind === 'group' ? subject.id : '',
    subjectClient: subject.kind === 'client' ? subject.id : '',
    subjectPrefixes: subject.kind === 'prefixes' ? subject.prefixes.join('\n') : '',
    destinationKind: destination.kind,
    destinationGroup: destination.kind === 'group' ? destination.id : '',
    destinationClient: destination.kind === 'client' ? destination.id : '',
    destinationPrefixes: destination.kind === 'prefixes' ? destination.prefixes.join('\n') : '',
    destinationName: destination.kind === 'name' ? destination.name : '',
    protocol: typeof protocol === 'number' ? 'other' : protocol,
    protocolNumber: typeof protocol === 'number' ? String(protocol) : '',
    ports: formatPorts(rest.ports),
    note: rest.note ?? '',
  };
}

/** The rule that the form says, or what is wrong with each field that counts. */
export function readForm(form: RuleForm): RuleReading {
  const mistakes: Partial<Record<RuleField, RuleMistake>> = {};
  const subject = readSubject(form, mistakes);
  const destination = readDestination(form, mistakes);
  const protocol = readProtocol(form, mistakes);
  const ports = readPorts(form, mistakes);
  if (form.subjectKind === 'prefixes' && !['group', 'client'].includes(form.destinationKind)) {
    mistakes.destinationKind = { code: 'needsClients' };
  }
  if (Array.from(form.note).length > most.note) mistakes.note = { code: 'noteTooLong' };
  if (subject === null || destination === null || protocol === null || Object.keys(mistakes).length > 0) {
    return { ok: false, mistakes };
  }
  const note = form.note.trim();
  const { enabled, action } = form;
  const ends = { subject, destination };
  return {
    ok: true,
    content: { enabled, action, ...ends, protocol, ports, note: note === '' ? null : note },
  };
}

type Mistakes = Partial<Record<RuleField, RuleMistake>>;

function readSubject(form: RuleForm, mistakes: Mistakes): RuleSubject | null {
  switch (form.subjectKind) {
    case 'everyone':
      return { kind: 'everyone' };
    case 'group':
      return readParty('group', 'subjectGroup', form, mistakes);
    case 'client':
      return readParty('client', 'subjectClient', form, mistakes);
    case 'prefixes':
      return readPrefixes('subjectPrefixes', form, mistakes);
  }
}

function readDestination(form: RuleForm, mistakes: Mistakes): RuleDestination | null {
  switch (form.destinationKind) {
    case 'any':
      return { kind: 'any' };
    case 'group':
      return readParty('group', 'destinationGroup', form, mistakes);
    case 'client':
      return readParty('client', 'destinationClient', form, mistakes);
    case 'prefixes':
      return readPrefixes('destinationPrefixes', form, mistakes);
    case 'name': {
      const name = form.destinationName.trim().replace(/\.$/, '').toLowerCase();
      if (isDnsName(name)) return { kind: 'name', name };
      mistakes.destinationName = { code: name === '' ? 'missing' : 'notAName' };
      return null;
    }
  }
}

function readParty<Kind extends 'group' | 'client'>(
  kind: Kind,
  field: 'subjectGroup' | 'subjectClient' | 'destinationGroup' | 'destinationClient',
  form: RuleForm,
  mistakes: Mistakes,
): { readonly kind: Kind; readonly id: string } | null {
  const id = form[field].trim();
  if (id !== '') return { kind, id };
  mistakes[field] = { code: 'missing' };
  return null;
}

function readPrefixes(
  field: 'subjectPrefixes' | 'destinationPrefixes',
  form: RuleForm,
  mistakes: Mistakes,
): { readonly kind: 'prefixes'; readonly prefixes: string[] } | null {
  const list = parsePrefixList(form[field]);
  if (!list.ok) mistakes[field] = { text: list.text, ...list.mistake };
  else if (list.prefixes.length === 0) mistakes[field] = { code: 'missing' };
  else if (list.prefixes.length > most.prefixes) mistakes[field] = { code: 'tooMany' };
  else return { kind: 'prefixes', prefixes: [...list.prefixes] };
  return null;
}

function readProtocol({ protocol, protocolNumber }: RuleForm, mistakes: Mistakes): Protocol | null {
  if (protocol !== 'other') return protocol;
  const text = protocolNumber.trim();
  const number = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= 255) return knownProtocols[number] ?? number;
  mistakes.protocolNumber = { code: text === '' ? 'missing' : 'notAProtocol' };
  return null;
}

const knownProtocols: Readonly<Record<number, Protocol>> = { 1: 'icmp', 6: 'tcp', 17: 'udp' };

function readPorts({ protocol, ports }: RuleForm, mistakes: Mistakes): RuleContent['ports'] {
  if (protocol !== 'tcp' && protocol !== 'udp') return [];
  const read = parsePorts(ports);
  if (!read.ok) {
    mistakes.ports = read.mistake;
    return [];
  }
  if (partsOf(ports).length > 0 && read.ports.length > most.ports) mistakes.ports = { code: 'tooMany' };
  return read.ports.map(([first, last]) => [first, last]);
}
