import { z } from 'zod';
import { GroupIdSchema } from './group.js';
import { ClientIdSchema, TimestampMs, UuidSchema } from './identifiers.js';
import { AddressText, DnsNameText, PortNumber, PrefixText, ProtocolModel } from './network.js';
import { proseText } from './text.js';

/** How many rules there may be. */
export const maxRules = 500;

const Prefixes = z.array(PrefixText).min(1).max(64);

const group = z.strictObject({ kind: z.literal('group'), id: GroupIdSchema });
const client = z.strictObject({ kind: z.literal('client'), id: ClientIdSchema });
const prefixes = z.strictObject({ kind: z.literal('prefixes'), prefixes: Prefixes });

/** Whom a rule is about. `prefixes` are hosts outside that open flows towards clients (site to site). */
export const RuleSubjectModel = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('everyone') }),
  group,
  client,
  prefixes,
]);
export type RuleSubjectModel = z.infer<typeof RuleSubjectModel>;

/** Where to. Clients, and the networks behind them, are reached by `group` and `client` only. */
export const RuleDestinationModel = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('any') }),
  prefixes,
  z.strictObject({ kind: z.literal('name'), name: DnsNameText }),
  group,
  client,
]);
export type RuleDestinationModel = z.infer<typeof RuleDestinationModel>;

/** Inclusive. */
export const PortRangeModel = z
  .tuple([PortNumber, PortNumber])
  .refine(([first, last]) => first <= last, 'must not end before it begins');

/** What a rule says. */
export const RuleContentModel = z.strictObject({
  enabled: z.boolean(),
  action: z.enum(['allow', 'deny']),
  subject: RuleSubjectModel,
  destination: RuleDestinationModel,
  protocol: ProtocolModel,
  /** Destination ports of TCP or UDP; empty: all. */
  ports: z.array(PortRangeModel).max(32),
  note: proseText(500).nullable(),
});
export type RuleContentModel = z.infer<typeof RuleContentModel>;

/** What an administrator should know about a change that was, or would be, made. */
export const PolicyWarningModel = z.object({
  /** Stable; listed in `docs/errors.md`. */
  code: z.string(),
  message: z.string(),
});
export type PolicyWarningModel = z.infer<typeof PolicyWarningModel>;

/** A rule; the first that matches a new flow decides. */
export const RuleModel = z.object({
  id: UuidSchema,
  /** As log and flows name it; never used again. */
  number: z.int(),
  /** Place in the list, from 1. */
  position: z.int().min(1),
  ...RuleContentModel.shape,
  note: z.string().nullable(),
  /** What a destination's name stands for now; null where it is no name. */
  addresses: z.array(z.string()).nullable(),
  createdAtMs: TimestampMs,
  updatedAtMs: TimestampMs,
  version: z.int(),
});
export type RuleModel = z.infer<typeof RuleModel>;

/** Answer of `GET /api/v1/rules`: all of them, in order; `version` is that of the list. */
export const RuleListModel = z.object({
  items: z.array(RuleModel),
  nextCursor: z.null(),
  version: z.int(),
});
export type RuleListModel = z.infer<typeof RuleListModel>;

/** Answer to a change of one rule. */
export const ChangedRuleModel = RuleModel.extend({ warnings: z.array(PolicyWarningModel) });
export type ChangedRuleModel = z.infer<typeof ChangedRuleModel>;

/** Answer to a change of the whole list. */
export const ChangedRuleListModel = RuleListModel.extend({ warnings: z.array(PolicyWarningModel) });
export type ChangedRuleListModel = z.infer<typeof ChangedRuleListModel>;

/** Where in the list: at most one of them; none: at the end. */
const place = {
  /** Place it has then, from 1. */
  position: z
    .int()
    .min(1)
    .max(maxRules + 1)
    .optional(),
  before: UuidSchema.optional(),
  after: UuidSchema.optional(),
};

const onePlace = (value: { position?: unknown; before?: unknown; after?: unknown }): boolean =>
  [value.position, value.before, value.after].filter((part) => part !== undefined).length <= 1;
const onePlaceText = 'at most one of position, before and after';

/** A rule as it is written: what is absent takes the value after `=`. */
const NewContent = z.strictObject({
  ...RuleContentModel.shape,
  enabled: z.boolean().default(true),
  destination: RuleDestinationModel.default({ kind: 'any' }),
  protocol: ProtocolModel.default('any'),
  ports: z.array(PortRangeModel).max(32).default([]),
  note: proseText(500).nullable().default(null),
});

/** Body of `POST /api/v1/rules`. */
export const NewRuleModel = z.strictObject({ ...NewContent.shape, ...place }).refine(onePlace, onePlaceText);
export type NewRuleModel = z.infer<typeof NewRuleModel>;

/** Body of `PATCH /api/v1/rules/:id`; what is absent stays, the place as well. */
export const RuleChangeModel = z
  .strictObject({ ...RuleContentModel.partial().shape, ...place })
  .refine(onePlace, onePlaceText);
export type RuleChangeModel = z.infer<typeof RuleChangeModel>;

/** A rule of a whole list: with the id of one that exists, or as a new one. */
const ListedRule = z.strictObject({ ...NewContent.shape, id: UuidSchema.optional() });

/** Body of `PUT /api/v1/rules` and `POST /api/v1/rules/rehearsal`: all rules, in order. */
export const RuleListChangeModel = z.strictObject({ items: z.array(ListedRule).max(maxRules) });
export type RuleListChangeModel = z.infer<typeof RuleListChangeModel>;

/** One end of a packet: a client, or an address. */
export const EndpointModel = z.union([
  z.strictObject({ client: ClientIdSchema }),
  z.strictObject({ address: AddressText }),
]);
export type EndpointModel = z.infer<typeof EndpointModel>;

/** Where a packet goes; a name stands for every address that it resolves to. */
export const TargetModel = z.union([...EndpointModel.options, z.strictObject({ name: DnsNameText })]);
export type TargetModel = z.infer<typeof TargetModel>;

/** Body of `POST /api/v1/rules/check`: the first packet of a flow. */
export const PacketModel = z.strictObject({
  from: EndpointModel,
  to: TargetModel,
  protocol: z.union([z.enum(['icmp', 'tcp', 'udp']), z.int().min(1).max(255)]),
  /** Destination port of TCP and UDP. */
  port: PortNumber.nullable().default(null),
});
export type PacketModel = z.infer<typeof PacketModel>;

/** Answer of `POST /api/v1/rules/check`. */
export const ExplanationModel = z.object({
  passes: z.boolean(),
  /** Stable; what decided: `RULE_ALLOWS`, `RULE_DENIES`, `NO_RULE` … */
  reason: z.string(),
  /** One sentence. */
  message: z.string(),
  /** The rule that decided; null where none did. */
  rule: RuleModel.nullable(),
  /** The port forward that decided; null where none did. */
  portForwardId: UuidSchema.nullable(),
  /** The clients that the ends belong to. */
  fromClientId: ClientIdSchema.nullable(),
  toClientId: ClientIdSchema.nullable(),
  /** Of a name: the first of its addresses that is refused, else its first; null where none was asked for. */
  toAddress: z.string().nullable(),
});
export type ExplanationModel = z.infer<typeof ExplanationModel>;
