import { z } from 'zod';
import { pageModel } from '../page.js';
import { ClientIdSchema, TimestampMs } from './identifiers.js';
import { GroupLimitsModel } from './limits.js';
import { exactText, lineText, proseText } from './text.js';

/** A group's immutable name. */
export const GroupIdSchema = ClientIdSchema;

/** A group as administrators see it. */
export const GroupModel = z.object({
  id: GroupIdSchema,
  displayName: z.string(),
  note: z.string().nullable(),
  limits: GroupLimitsModel,
  /** Value of the OIDC provider's claim whose holders belong to this group. */
  oidcClaim: z.string().nullable(),
  /** Clients in it. */
  members: z.int().nonnegative(),
  createdAtMs: TimestampMs,
  updatedAtMs: TimestampMs,
  version: z.int(),
});
export type GroupModel = z.infer<typeof GroupModel>;

/** Answer of `GET /api/v1/groups`, in order of id. */
export const GroupListModel = pageModel(GroupModel);

/** Body of `PATCH /api/v1/groups/:id`; what is absent stays. */
export const GroupChangeModel = z.strictObject({
  displayName: lineText(100).optional(),
  note: proseText(1_000).nullable().optional(),
  oidcClaim: exactText(200).nullable().optional(),
  limits: GroupLimitsModel.partial().optional(),
});
export type GroupChangeModel = z.infer<typeof GroupChangeModel>;

/** Body of `POST /api/v1/groups`. */
export const NewGroupModel = GroupChangeModel.extend({ id: GroupIdSchema });
export type NewGroupModel = z.infer<typeof NewGroupModel>;

/** One member. */
export const MemberModel = z.object({ clientId: ClientIdSchema });

/** Answer of `GET /api/v1/groups/:id/members`, in order of client. */
export const MemberListModel = pageModel(MemberModel);
