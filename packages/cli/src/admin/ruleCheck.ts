import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import {
  ChangedRuleListModel,
  type EndpointModel,
  ExplanationModel,
  type FlowChangeModel,
  RehearsalModel,
  RuleContentModel,
  UuidSchema,
} from '@masque-vpn/server/models';
import { commandFailed, type CommandResult, done } from '../commandResult.js';
import { exitCodes } from '../exitCode.js';
import { table } from '../output/table.js';
import { apiPath } from './adminApi.js';
import type { AdminTools } from './adminContext.js';
import { flowRow } from './flows.js';
import { ruleSentence, ruleTable, warningText } from './ruleText.js';

/** Flags of `admin rule check`. */
export interface CheckFlags {
  readonly from: EndpointModel;
  readonly to: EndpointModel;
  readonly proto: 'icmp' | 'tcp' | 'udp' | number;
  readonly port?: number;
}

/** `masque-vpn admin rule check`; what would not pass is a refusal, for scripts. */
export async function checkPacket(flags: CheckFlags, { api, print }: AdminTools): Promise<CommandResult> {
  const { from, to, proto: protocol, port = null } = flags;
  const body = { from, to, protocol, port };
  const answer = await api.call('POST', apiPath('rules', 'check'), ExplanationModel, { body });
  if (!answer.ok) return answer;
  const { passes, reason, message } = answer.value;
  print(answer.value, ({ rule }) => {
    const decided = rule === null ? message : `rule #${rule.number} decides: ${ruleSentence(rule)}`;
    return `${passes ? 'Passes' : 'Is refused'}: ${decided} (${reason})\n`;
  });
  return passes
    ? done
    : { ok: false, error: { code: reason, message, exit: exitCodes.refused, printed: true } };
}

/** `masque-vpn admin rule rehearse FILE` */
export async function rehearse(file: string, tools: AdminTools): Promise<CommandResult> {
  const items = await readRules(file);
  if (!items.ok) return items;
  const path = apiPath('rules', 'rehearsal');
  const answer = await tools.api.call('POST', path, RehearsalModel, { body: { items: items.value } });
  if (!answer.ok) return answer;
  tools.print(answer.value, rehearsalText);
  return done;
}

/** `masque-vpn admin rule apply FILE` — the whole list at once. */
export async function applyRules(file: string, tools: AdminTools): Promise<CommandResult> {
  const { api, print, confirm } = tools;
  const items = await readRules(file);
  if (!items.ok) return items;
  const count = items.value.length;
  const sure = await confirm(`Replace all rules by the ${count} of ${file}?`);
  if (!sure.ok) return sure;
  const answer = await api.call('PUT', apiPath('rules'), ChangedRuleListModel, {
    body: { items: items.value },
  });
  if (!answer.ok) return answer;
  print(answer.value, ({ items: rules, warnings }) => `${ruleTable(rules)}${warningText(warnings)}`);
  return done;
}

/** Of a file such as `rule list --json` prints, what the API takes of each rule. */
const RuleFile = z.object({
  items: z.array(z.object({ ...RuleContentModel.partial().shape, id: UuidSchema.optional() })),
});

async function readRules(file: string): Promise<CommandResult<z.infer<typeof RuleFile>['items']>> {
  const wrong = (message: string): CommandResult<never> =>
    commandFailed('CLI_INVALID_ARGUMENT', message, exitCodes.usage);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return wrong(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
  const parsed = RuleFile.safeParse(json(text));
  if (parsed.success) return { ok: true, value: parsed.data.items };
  const [issue] = parsed.error.issues;
  const place = issue === undefined ? '' : ` ${issue.path.map(String).join('.')}: ${issue.message}.`;
  return wrong(`${file} is no list of rules, as "masque-vpn admin rule list --json" prints it.${place}`);
}

function rehearsalText({ flows, cut, opened, warnings }: RehearsalModel): string {
  const sampled = `Of ${flows} recently sampled flows these rules would`;
  return [
    cut.length === 0 ? `${sampled} cut none.\n` : `${sampled} cut ${cut.length}:\n${changes(cut)}`,
    opened.length === 0
      ? ''
      : `They would let ${opened.length} pass that do not pass now:\n${changes(opened)}`,
    warningText(warnings),
  ].join('');
}

function changes(list: readonly z.infer<typeof FlowChangeModel>[]): string {
  return table(
    ['client', 'direction', 'from', 'to', 'protocol', 'by'],
    list.map(({ flow, position }) => [
      ...flowRow(flow),
      position === null ? 'no rule' : `rule at place ${position}`,
    ]),
  );
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
