import type { Model } from '../../api/client.js';

export type Rule = Model<'Rule'>;
export type RuleList = Model<'RuleList'>;
export type RuleSubject = Model<'RuleSubject'>;
export type RuleDestination = Model<'RuleDestination'>;
export type Protocol = Model<'Protocol'>;

/** What a rule says; two rules with the same content do the same. */
export type RuleContent = Pick<
  Rule,
  'enabled' | 'action' | 'subject' | 'destination' | 'protocol' | 'ports' | 'note'
>;

/** Only what a rule says, in one order of names, so that equal contents are equal texts. */
export function contentOf({
  enabled,
  action,
  subject,
  destination,
  protocol,
  ports,
  note,
}: RuleContent): RuleContent {
  return {
    enabled,
    action,
    subject: inOrder(subject),
    destination: inOrder(destination),
    protocol,
    ports: ports.map(([first, last]) => [first, last]),
    note,
  };
}

export function sameContent(one: RuleContent, other: RuleContent): boolean {
  return JSON.stringify(contentOf(one)) === JSON.stringify(contentOf(other));
}

function inOrder<End extends RuleSubject | RuleDestination>(end: End): End {
  const entries = Object.entries(end).sort(([a], [b]) => a.localeCompare(b));
  return Object.fromEntries(entries) as End;
}
