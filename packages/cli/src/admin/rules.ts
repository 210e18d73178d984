import { z } from 'zod';
import {
  ChangedRuleModel,
  type RuleDestinationModel,
  RuleListModel,
  type RuleModel,
  type RuleSubjectModel,
} from '@masque-vpn/server/models';
import { commandFailed, type CommandResult, done } from '../commandResult.js';
import { exitCodes } from '../exitCode.js';
import { apiPath } from './adminApi.js';
import type { AdminTools } from './adminContext.js';
import { ruleSentence, ruleTable, ruleText, warningText } from './ruleText.js';

/** Where a rule goes; at most one of them, none is the end. */
export interface PlaceFlags {
  readonly position?: number;
  readonly first?: true;
  readonly before?: string;
  readonly after?: string;
}

/** What a rule says. */
export interface ContentFlags {
  readonly from?: RuleSubjectModel;
  readonly to?: RuleDestinationModel;
  readonly proto?: RuleModel['protocol'];
  readonly port?: readonly [number, number][];
  readonly note?: string;
}

/** Flags of `admin rule add`. */
export interface RuleFlags extends PlaceFlags, ContentFlags {
  readonly disabled?: true;
}

/** Flags of `admin rule set`. */
export interface SetRuleFlags extends PlaceFlags, ContentFlags {
  readonly action?: 'allow' | 'deny';
}

/** `masque-vpn admin rule list` */
export async function listRules({ api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.call('GET', apiPath('rules'), RuleListModel);
  if (!answer.ok) return answer;
  print(answer.value, ({ items }) =>
    items.length === 0
      ? 'There is no rule, so nothing passes.\n'
      : `${ruleTable(items)}The first rule that matches decides; what none matches is refused.\n`,
  );
  return done;
}

/** `masque-vpn admin rule show RULE` */
export async function showRule(reference: string, tools: AdminTools): Promise<CommandResult> {
  const found = await findRule(reference, tools);
  if (!found.ok) return found;
  tools.print(found.value, ruleText);
  return done;
}

/** `masque-vpn admin rule add allow|deny` */
export async function addRule(action: string, flags: RuleFlags, tools: AdminTools): Promise<CommandResult> {
  const place = await placeOf(flags, tools);
  if (!place.ok) return place;
  const body = {
    action,
    enabled: flags.disabled !== true,
    ...content(flags),
    subject: flags.from ?? { kind: 'everyone' },
    ...place.value,
  };
  const answer = await tools.api.call('POST', apiPath('rules'), ChangedRuleModel, { body });
  if (!answer.ok) return answer;
  tools.print(answer.value, changedText);
  return done;
}

/** `masque-vpn admin rule move RULE` */
export async function moveRule(
  reference: string,
  flags: PlaceFlags,
  tools: AdminTools,
): Promise<CommandResult> {
  const { position, first, before, after } = flags;
  if ([position, first, before, after].every((value) => value === undefined)) {
    const message = 'Say where to: --first, --position, --before or --after.';
    return commandFailed('CLI_INVALID_ARGUMENT', message, exitCodes.usage);
  }
  return setRule(reference, flags, tools);
}

/** `masque-vpn admin rule set RULE`, also for `move`, `enable` and `disable`. */
export async function setRule(
  reference: string,
  flags: SetRuleFlags & { readonly enabled?: boolean },
  tools: AdminTools,
): Promise<CommandResult> {
  const found = await findRule(reference, tools);
  if (!found.ok) return found;
  const place = await placeOf(flags, tools);
  if (!place.ok) return place;
  const body = { action: flags.action, enabled: flags.enabled, ...content(flags), ...place.value };
  const { id, version } = found.value;
  const answer = await tools.api.call('PATCH', apiPath('rules', id), ChangedRuleModel, { body, version });
  if (!answer.ok) return answer;
  tools.print(answer.value, changedText);
  return done;
}

/** `masque-vpn admin rule delete RULE` */
export async function deleteRule(reference: string, tools: AdminTools): Promise<CommandResult> {
  const { api, print, confirm } = tools;
  const found = await findRule(reference, tools);
  if (!found.ok) return found;
  const rule = found.value;
  const sure = await confirm(`Delete rule #${rule.number} (${ruleSentence(rule)})?`);
  if (!sure.ok) return sure;
  const answer = await api.call('DELETE', apiPath('rules', rule.id), z.unknown(), { version: rule.version });
  if (!answer.ok) return answer;
  print(
    { removed: rule.id },
    () => `Rule #${rule.number} is removed; open sessions follow within a second.\n`,
  );
  return done;
}

function changedText({ warnings, ...rule }: ChangedRuleModel): string {
  const state = rule.enabled ? '' : ', disabled';
  return `Rule #${rule.number} at place ${rule.position}${state}: ${ruleSentence(rule)}.\n${warningText(warnings)}`;
}

function content({ from, to, proto, port, note }: ContentFlags): object {
  return {
    subject: from,
    destination: to,
    protocol: proto,
    ports: port,
    note: note === '' ? null : note,
  };
}

/** The place as the API takes it: rules there are named by id. */
async function placeOf(
  { position, first, before, after }: PlaceFlags,
  tools: AdminTools,
): Promise<CommandResult<object>> {
  const given = [position, first, before, after].filter((value) => value !== undefined);
  if (given.length > 1) {
    const message = 'A rule has one place: only one of --position, --first, --before and --after.';
    return commandFailed('CLI_INVALID_ARGUMENT', message, exitCodes.usage);
  }
  if (first === true) return { ok: true, value: { position: 1 } };
  const neighbour = before ?? after;
  if (neighbour === undefined) return { ok: true, value: { position } };
  const found = await findRule(neighbour, tools);
  if (!found.ok) return found;
  return { ok: true, value: before === undefined ? { after: found.value.id } : { before: found.value.id } };
}

/** The rule of a number (`12`, `#12`) or an id. Fails with CLI_INVALID_ARGUMENT, or as the API does. */
async function findRule(reference: string, { api }: AdminTools): Promise<CommandResult<RuleModel>> {
  const answer = await api.call('GET', apiPath('rules'), RuleListModel);
  if (!answer.ok) return answer;
  const number = reference.replace(/^#/, '');
  const rule = answer.value.items.find((item) => item.id === reference || String(item.number) === number);
  if (rule !== undefined) return { ok: true, value: rule };
  return commandFailed(
    'CLI_INVALID_ARGUMENT',
    `There is no rule ${reference}. Rules are named by their number or id: masque-vpn admin rule list`,
    exitCodes.usage,
  );
}
