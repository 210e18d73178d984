import type { PolicyWarningModel, RuleModel } from '@masque-vpn/server/models';
import { ruleEndText } from '../input/ruleEnd.js';
import { facts, table } from '../output/table.js';
import { instant } from '../output/units.js';

/** Rules as a table, in their order. */
export function ruleTable(rules: readonly RuleModel[]): string {
  return table(
    ['place', 'rule', 'action', 'from', 'to', 'protocol', 'ports', 'note'],
    rules.map((rule) => [
      String(rule.position),
      `#${rule.number}`,
      rule.enabled ? rule.action : `(${rule.action})`,
      ruleEndText(rule.subject),
      ruleEndText(rule.destination),
      String(rule.protocol),
      portsText(rule),
      rule.note ?? '',
    ]),
  );
}

/** One rule, several lines. */
export function ruleText(rule: RuleModel): string {
  return facts([
    ['rule', `#${rule.number}`],
    ['id', rule.id],
    ['place', String(rule.position)],
    ['state', rule.enabled ? 'enabled' : 'disabled: it decides nothing'],
    ['says', ruleSentence(rule)],
    ...(rule.addresses === null
      ? []
      : [['stands for', rule.addresses.join(', ') || 'no address: nothing matches'] as const]),
    ...(rule.note === null ? [] : [['note', rule.note] as const]),
    ['changed', instant(rule.updatedAtMs)],
  ]);
}

/** `allow group:staff to 10.20.0.0/16, tcp 22` */
export function ruleSentence(
  rule: Pick<RuleModel, 'action' | 'subject' | 'destination' | 'protocol' | 'ports'>,
): string {
  const ports = rule.ports.length === 0 ? '' : ` ${portsText(rule)}`;
  const protocol = rule.protocol === 'any' ? '' : `, ${rule.protocol}${ports}`;
  return `${rule.action} ${ruleEndText(rule.subject)} to ${ruleEndText(rule.destination)}${protocol}`;
}

/** Warnings about a change, one to a line. */
export function warningText(warnings: readonly PolicyWarningModel[]): string {
  return warnings.map(({ code, message }) => `Warning: ${message} (${code})\n`).join('');
}

function portsText({ ports }: Pick<RuleModel, 'ports'>): string {
  if (ports.length === 0) return 'all';
  return ports.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(',');
}
