import { z } from 'zod';
import { pageModel, PageQuery } from '../page.js';
import { ClientIdSchema, TimestampMs, UuidSchema } from './identifiers.js';
import { ProtocolModel } from './network.js';
import { PolicyWarningModel } from './rule.js';

/** Flows of one client with the same other end, protocol, port and fate, sampled and counted together. */
export const FlowModel = z.object({
  clientId: ClientIdSchema,
  /** Who opened them. */
  direction: z.enum(['fromClient', 'toClient']),
  verdict: z.enum(['allowed', 'refused']),
  /** The rule that decided; null: none did, or it is gone. */
  ruleId: UuidSchema.nullable(),
  ruleNumber: z.int().nullable(),
  /** Address on the client's side and on the other. */
  clientAddress: z.string(),
  remoteAddress: z.string(),
  /** The other side's client, where it is one. */
  remoteClientId: ClientIdSchema.nullable(),
  protocol: ProtocolModel,
  /** Destination port; null where the protocol has none. */
  port: z.int().nullable(),
  /** How many of them were sampled; there may have been more. */
  count: z.int(),
  firstAtMs: TimestampMs,
  lastAtMs: TimestampMs,
});
export type FlowModel = z.infer<typeof FlowModel>;

/** Answer of `GET /api/v1/flows`, the latest first. */
export const FlowListModel = pageModel(FlowModel);

/** Query of `GET /api/v1/flows`. There is one page: the list changes all the time. */
export const FlowQuery = PageQuery.omit({ cursor: true }).extend({
  client: ClientIdSchema.optional(),
  verdict: z.enum(['allowed', 'refused']).optional(),
});
export type FlowQuery = z.output<typeof FlowQuery>;

/** A sampled flow that a changed list of rules would judge differently. */
export const FlowChangeModel = z.object({
  flow: FlowModel,
  /** Place in the rehearsed list of the rule that would decide, from 1; null: none. */
  position: z.int().nullable(),
});

/** Answer of `POST /api/v1/rules/rehearsal`. */
export const RehearsalModel = z.object({
  /** How many sampled flows were judged. */
  flows: z.int(),
  /** Pass now and would not. */
  cut: z.array(FlowChangeModel),
  /** Do not pass now and would. */
  opened: z.array(FlowChangeModel),
  warnings: z.array(PolicyWarningModel),
});
export type RehearsalModel = z.infer<typeof RehearsalModel>;
