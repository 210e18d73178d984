import { ok } from '@masque-vpn/protocol';
import { z } from 'zod';
import {
  GroupChangeModel,
  GroupIdSchema,
  GroupListModel,
  GroupModel,
  MemberListModel,
  NewGroupModel,
} from '../models/group.js';
import { ClientIdSchema } from '../models/identifiers.js';
import { PageQuery } from '../page.js';
import { route, type Route } from '../route.js';

const all = '/api/v1/groups';
const one = `${all}/:id`;
const params = z.object({ id: GroupIdSchema });
const memberParams = z.object({ id: GroupIdSchema, client: ClientIdSchema });

/** GET /api/v1/groups */
const listGroups = route({
  method: 'GET',
  path: all,
  permission: 'groups:read',
  operationId: 'listGroups',
  summary: 'Groups, in order of id.',
  query: PageQuery,
  response: GroupListModel,
  handle: ({ query, services }) => services.groups.list(query),
});

/** POST /api/v1/groups */
const createGroup = route({
  method: 'POST',
  path: all,
  permission: 'groups:write',
  operationId: 'createGroup',
  summary: 'Makes a group without members. Members may do what rules allow them, nothing else.',
  body: NewGroupModel,
  status: 201,
  response: GroupModel,
  handle: ({ body, actor, services }) => services.groups.create(body, actor),
});

/** GET /api/v1/groups/:id */
const getGroup = route({
  method: 'GET',
  path: one,
  permission: 'groups:read',
  operationId: 'getGroup',
  summary: 'A group.',
  params,
  response: GroupModel,
  handle: ({ params: { id }, services }) => services.groups.find(id),
});

/** PATCH /api/v1/groups/:id — live sessions of members follow at once. */
const changeGroup = route({
  method: 'PATCH',
  path: one,
  permission: 'groups:write',
  operationId: 'changeGroup',
  summary: 'Changes a group; live sessions of its members follow at once.',
  params,
  body: GroupChangeModel,
  response: GroupModel,
  handle: ({ params: { id }, body, actor, request, services }) =>
    services.groups.change(id, body, { actor, version: request.ifMatch }),
});

/** DELETE /api/v1/groups/:id — refused while rules name it. */
const deleteGroup = route({
  method: 'DELETE',
  path: one,
  permission: 'groups:write',
  operationId: 'deleteGroup',
  summary: 'Deletes a group that no rule names; its members stay clients.',
  params,
  status: 204,
  response: z.null(),
  handle: async ({ params: { id }, actor, request, services }) => {
    const removed = await services.groups.remove(id, { actor, version: request.ifMatch });
    return removed.ok ? ok(null) : removed;
  },
});

/** GET /api/v1/groups/:id/members */
const listMembers = route({
  method: 'GET',
  path: `${one}/members`,
  permission: 'groups:read',
  operationId: 'listGroupMembers',
  summary: 'Clients in a group, in order of id.',
  params,
  query: PageQuery,
  response: MemberListModel,
  handle: ({ params: { id }, query, services }) => services.groups.members(id, query),
});

/** PUT /api/v1/groups/:id/members/:client — nothing changes for one that is in it already. */
const addMember = route({
  method: 'PUT',
  path: `${one}/members/:client`,
  permission: 'groups:write',
  operationId: 'addGroupMember',
  summary: 'Puts a client into a group; its live sessions follow at once.',
  params: memberParams,
  status: 204,
  response: z.null(),
  handle: async ({ params: { id, client }, actor, services }) => {
    const added = await services.groups.addMember(id, client, actor);
    return added.ok ? ok(null) : added;
  },
});

/** DELETE /api/v1/groups/:id/members/:client — nothing changes for one that is not in it. */
const removeMember = route({
  method: 'DELETE',
  path: `${one}/members/:client`,
  permission: 'groups:write',
  operationId: 'removeGroupMember',
  summary: 'Takes a client out of a group; its live sessions follow at once.',
  params: memberParams,
  status: 204,
  response: z.null(),
  handle: async ({ params: { id, client }, actor, services }) => {
    const removed = await services.groups.removeMember(id, client, actor);
    return removed.ok ? ok(null) : removed;
  },
});

/** Every route of groups. */
export const groupRoutes: readonly Route[] = [
  listGroups,
  createGroup,
  getGroup,
  changeGroup,
  deleteGroup,
  listMembers,
  addMember,
  removeMember,
];
