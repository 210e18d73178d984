import type { AccessRule, RemoteMatch } from '@masque-vpn/engine';
import type { PortForwardRecord } from '../store/reach.js';
import type { RuleContent, RuleDestination, RuleRecord, RuleSubject } from '../store/rules.js';
import { everyoneLabel, type Labels } from './labels.js';

/** What a client is to rules. */
export interface RuleParty {
  readonly clientUuid: string;
  /** Uuids. */
  readonly groups: ReadonlySet<string>;
}

/** What rules are compiled from. */
export interface RuleSources {
  /** All of them, in order. */
  readonly rules: readonly RuleRecord[];
  readonly forwards: readonly PortForwardRecord[];
  readonly labels: Labels;
  /** What a name stands for now, as prefixes; empty: nothing is known. */
  readonly addressesOf: (name: string) => readonly string[];
}

/**
 * A client's rules as its sessions' engine judges them: those it is the subject of, for flows that it opens, and
 * those it is the destination of, for flows towards it, so that a flow between two clients passes both. Port
 * forwards come last: rules may take from them.
 */
export function compileRules(party: RuleParty, sources: RuleSources): readonly AccessRule[] {
  const compiled: AccessRule[] = [];
  for (const rule of sources.rules) {
    if (!rule.enabled) continue;
    const outward = isAbout(rule.subject, party) ? remoteOf(rule.destination, sources) : null;
    if (outward !== null) compiled.push(...lines(rule, 'byPeer', outward));
    const inward = leadsTo(rule.destination, party) ? remoteOf(rule.subject, sources) : null;
    if (inward !== null) compiled.push(...lines(rule, 'towardsPeer', inward));
  }
  for (const forward of sources.forwards) {
    if (forward.enabled && forward.clientUuid === party.clientUuid) compiled.push(forwardLine(forward));
  }
  return compiled;
}

/** Whether a client is among those a rule is about. */
export function isAbout(subject: RuleSubject, party: RuleParty): boolean {
  return subject.kind === 'everyone' || isParty(subject, party);
}

/** Whether a client is among those a rule leads to. */
export function leadsTo(destination: RuleDestination, party: RuleParty): boolean {
  return isParty(destination, party);
}

/** Whether a rule is about one client, or leads to it. */
export function namesClient({ subject, destination }: RuleContent, clientUuid: string): boolean {
  return [subject, destination].some((end) => end.kind === 'client' && end.id === clientUuid);
}

/** Protocols of the packets that a rule's protocol stands for: ICMP has one number per family. */
export function protocolsOf(protocol: number): readonly number[] {
  return protocol === 1 ? [1, 58] : [protocol];
}

function isParty(end: RuleSubject | RuleDestination, party: RuleParty): boolean {
  if (end.kind === 'group') return party.groups.has(end.id);
  return end.kind === 'client' && end.id === party.clientUuid;
}

/** Null where nothing can match. */
function remoteOf(end: RuleSubject | RuleDestination, sources: RuleSources): RemoteMatch | null {
  switch (end.kind) {
    case 'any':
      return { kind: 'any' };
    case 'everyone':
      return { kind: 'labels', labels: [everyoneLabel] };
    case 'group':
    case 'client':
      return { kind: 'labels', labels: [sources.labels.of(end.id)] };
    case 'prefixes':
      return { kind: 'prefixes', prefixes: end.prefixes };
    case 'name': {
      const prefixes = sources.addressesOf(end.name);
      return prefixes.length === 0 ? null : { kind: 'prefixes', prefixes };
    }
  }
}

function lines(rule: RuleRecord, opened: AccessRule['opened'], remote: RemoteMatch): readonly AccessRule[] {
  const { number: id, action, ports } = rule;
  return protocolsOf(rule.protocol).map((protocol) => ({ id, action, opened, remote, protocol, ports }));
}

function forwardLine(forward: PortForwardRecord): AccessRule {
  return {
    id: forward.number,
    action: 'allow',
    opened: 'towardsPeer',
    remote: forward.sources.length === 0 ? { kind: 'any' } : { kind: 'prefixes', prefixes: forward.sources },
    protocol: forward.protocol,
    ports: [[forward.clientPort, forward.clientPort]],
  };
}
