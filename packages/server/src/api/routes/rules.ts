import { ok } from '@masque-vpn/protocol';
import { z } from 'zod';
import { RehearsalModel } from '../models/flow.js';
import { UuidSchema } from '../models/identifiers.js';
import {
  ChangedRuleListModel,
  ChangedRuleModel,
  ExplanationModel,
  NewRuleModel,
  PacketModel,
  RuleChangeModel,
  RuleListChangeModel,
  RuleListModel,
  RuleModel,
} from '../models/rule.js';
import { route, type Route } from '../route.js';

const all = '/api/v1/rules';
const one = `${all}/:id`;
const params = z.object({ id: UuidSchema });

/** A whole list is larger than what other routes take. */
const listBytes = 1_048_576;

/** GET /api/v1/rules — all of them; the entity tag is that of the list. */
const listRules = route({
  method: 'GET',
  path: all,
  permission: 'rules:read',
  operationId: 'listRules',
  summary: 'All rules, in the order in which they are judged: the first that matches decides.',
  response: RuleListModel,
  handle: ({ services }) => ok(services.rules.list()),
});

/** POST /api/v1/rules */
const createRule = route({
  method: 'POST',
  path: all,
  permission: 'rules:write',
  operationId: 'createRule',
  summary: 'Makes a rule, at the end or where the body says; live sessions follow at once.',
  body: NewRuleModel,
  status: 201,
  response: ChangedRuleModel,
  handle: ({ body, actor, services }) => services.rules.create(body, actor),
});

/** PUT /api/v1/rules — as one: nobody is judged by half of it. */
const replaceRules = route({
  method: 'PUT',
  path: all,
  permission: 'rules:write',
  operationId: 'replaceRules',
  summary: 'Replaces all rules as one; those with an id stay the rules they are.',
  body: RuleListChangeModel,
  bodyBytes: listBytes,
  response: ChangedRuleListModel,
  handle: ({ body, actor, request, services }) =>
    services.rules.replace(body, { actor, version: request.ifMatch }),
});

/** GET /api/v1/rules/:id */
const getRule = route({
  method: 'GET',
  path: one,
  permission: 'rules:read',
  operationId: 'getRule',
  summary: 'A rule.',
  params,
  response: RuleModel,
  handle: ({ params: { id }, services }) => services.rules.find(id),
});

/** PATCH /api/v1/rules/:id — also moves it. */
const changeRule = route({
  method: 'PATCH',
  path: one,
  permission: 'rules:write',
  operationId: 'changeRule',
  summary: 'Changes a rule or moves it; live sessions follow at once.',
  params,
  body: RuleChangeModel,
  response: ChangedRuleModel,
  handle: ({ params: { id }, body, actor, request, services }) =>
    services.rules.change(id, body, { actor, version: request.ifMatch }),
});

/** DELETE /api/v1/rules/:id */
const deleteRule = route({
  method: 'DELETE',
  path: one,
  permission: 'rules:write',
  operationId: 'deleteRule',
  summary: 'Deletes a rule; live sessions follow at once.',
  params,
  status: 204,
  response: z.null(),
  handle: async ({ params: { id }, actor, request, services }) => {
    const removed = await services.rules.remove(id, { actor, version: request.ifMatch });
    return removed.ok ? ok(null) : removed;
  },
});

/** POST /api/v1/rules/check */
const checkPacket = route({
  method: 'POST',
  path: `${all}/check`,
  permission: 'rules:read',
  operationId: 'checkPacket',
  summary: 'Would this packet pass, and which rule decides?',
  body: PacketModel,
  response: ExplanationModel,
  handle: ({ body, services }) => services.rules.check(body),
});

/** POST /api/v1/rules/rehearsal — changes nothing. */
const rehearseRules = route({
  method: 'POST',
  path: `${all}/rehearsal`,
  permission: 'rules:read',
  operationId: 'rehearseRules',
  summary: 'Which recently sampled flows would another list of rules cut, and which would it let pass?',
  body: RuleListChangeModel,
  bodyBytes: listBytes,
  response: RehearsalModel,
  handle: ({ body, actor, services }) => services.rules.rehearse(body, actor),
});

/** Every route of rules. */
export const ruleRoutes: readonly Route[] = [
  listRules,
  createRule,
  replaceRules,
  getRule,
  changeRule,
  deleteRule,
  checkPacket,
  rehearseRules,
];
