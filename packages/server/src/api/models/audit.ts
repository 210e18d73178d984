import { z } from 'zod';
import { actorKinds } from '../../audit/actor.js';
import type { AuditEntry, AuditQuery } from '../../store/audit.js';
import { pageModel, PageQuery } from '../page.js';
import { TimestampMs } from './identifiers.js';
import { exactText } from './text.js';

/** One change, or one attempt worth remembering. */
export const AuditEntryModel = z.object({
  id: z.string(),
  atMs: TimestampMs,
  actor: z.object({
    kind: z.enum(actorKinds),
    name: z.string(),
    /** Null: this machine. */
    remoteAddress: z.string().nullable(),
  }),
  /** `noun.verb`, as `client.update`. */
  action: z.string(),
  target: z.object({ kind: z.string(), id: z.string() }),
  detail: z.record(z.string(), z.unknown()),
});
export type AuditEntryModel = z.infer<typeof AuditEntryModel>;

/** Answer of `GET /api/v1/audit`, the newest first. */
export const AuditListModel = pageModel(AuditEntryModel);

const Instant = z.coerce.number().int().min(0).max(8_640_000_000_000_000);

const filters = {
  /** Name of the actor, exactly. */
  actor: exactText(200).optional(),
  /** `client.update`, or `client.` for everything about clients. */
  action: z
    .string()
    .regex(
      /^[a-zA-Z]{1,40}\.(?:[a-zA-Z_]{1,40}\.)?[a-zA-Z_]{0,40}$/,
      'must be as the log names it, or noun. for all of a noun',
    )
    .optional(),
  targetKind: exactText(40).optional(),
  target: exactText(200).optional(),
  /** At this time or later, and before this time; UTC milliseconds. */
  fromMs: Instant.optional(),
  untilMs: Instant.optional(),
};

/** Query of `GET /api/v1/audit`. */
export const AuditListQuery = PageQuery.extend(filters);
export type AuditListQuery = z.output<typeof AuditListQuery>;

/** Query of `GET /api/v1/audit/export`. */
export const AuditExportQuery = z.strictObject(filters);
export type AuditExportQuery = z.output<typeof AuditExportQuery>;

/** The entry as the API shows it. */
export function auditModel({
  uuid,
  at,
  actor,
  action,
  targetKind,
  target,
  detail,
}: AuditEntry): AuditEntryModel {
  const { kind, name, remoteAddress } = actor;
  return {
    id: uuid,
    atMs: at,
    actor: { kind, name, remoteAddress },
    action,
    target: { kind: targetKind, id: target },
    detail: { ...detail },
  };
}

/** The query as the store takes it. */
export function auditQuery({
  actor,
  action,
  targetKind,
  target,
  fromMs,
  untilMs,
}: AuditExportQuery): AuditQuery {
  return {
    ...(actor === undefined ? {} : { actor }),
    ...(action === undefined ? {} : { action }),
    ...(targetKind === undefined ? {} : { targetKind }),
    ...(target === undefined ? {} : { target }),
    ...(fromMs === undefined ? {} : { from: fromMs }),
    ...(untilMs === undefined ? {} : { until: untilMs }),
  };
}
