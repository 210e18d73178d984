import { fail, formatPrefix, ok, parsePrefix, type Result } from '@masque-vpn/protocol';
import type { RuleContent, RuleDestination, RuleSubject } from '../store/rules.js';
import { clientMissing, groupMissing, type PolicyFailure } from './failure.js';

/** A rule as people write it: groups and clients by slug. */
export type RuleDraft = RuleContent;

/** Uuids of groups and clients by slug; null: there is none. */
export interface Slugs {
  group(slug: string): string | null;
  client(slug: string): string | null;
}

/**
 * The rule as it is stored: uuids instead of slugs, prefixes and names in their canonical form. Codes:
 * GROUP_NOT_FOUND, CLIENT_NOT_FOUND, RULE_PORTS_WITHOUT_PROTOCOL, RULE_DESTINATION_NOT_CLIENTS.
 */
export function contentOf(draft: RuleDraft, slugs: Slugs): Result<RuleContent, PolicyFailure> {
  const subject = endOf(draft.subject, slugs);
  if (!subject.ok) return subject;
  const destination = endOf(draft.destination, slugs);
  if (!destination.ok) return destination;
  if (draft.ports.length > 0 && draft.protocol !== 6 && draft.protocol !== 17) {
    const message = 'ports belong to tcp or udp; for both make two rules';
    return fail({ code: 'RULE_PORTS_WITHOUT_PROTOCOL', message });
  }
  const leadsToClients = ['group', 'client'].includes(draft.destination.kind);
  if (draft.subject.kind === 'prefixes' && !leadsToClients) {
    const message = 'a rule about hosts outside names the group or client that they may reach';
    return fail({ code: 'RULE_DESTINATION_NOT_CLIENTS', message });
  }
  return ok({ ...draft, subject: subject.value, destination: destination.value });
}

function endOf<End extends RuleSubject | RuleDestination>(
  end: End,
  slugs: Slugs,
): Result<End, PolicyFailure> {
  switch (end.kind) {
    case 'group': {
      const id = slugs.group(end.id);
      return id === null ? groupMissing(end.id) : ok({ ...end, id });
    }
    case 'client': {
      const id = slugs.client(end.id);
      return id === null ? clientMissing(end.id) : ok({ ...end, id });
    }
    case 'prefixes':
      return ok({ ...end, prefixes: canonicalPrefixes(end.prefixes) });
    case 'name':
      return ok({ ...end, name: end.name.toLowerCase() });
    default:
      return ok(end);
  }
}

/** Each once, as people and the engine write them; what is no prefix is left out. */
export function canonicalPrefixes(texts: readonly string[]): readonly string[] {
  const parsed = texts.flatMap((text) => {
    const prefix = parsePrefix(text);
    return prefix.ok ? [formatPrefix(prefix.value)] : [];
  });
  return [...new Set(parsed)];
}
