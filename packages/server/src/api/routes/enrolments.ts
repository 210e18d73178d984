import { z } from 'zod';
import {
  CreatedEnrolmentModel,
  EnrolmentListModel,
  EnrolmentListQuery,
  EnrolmentModel,
  NewEnrolmentModel,
} from '../models/enrolment.js';
import { UuidSchema } from '../models/identifiers.js';
import { route, type Route } from '../route.js';

const params = z.object({ id: UuidSchema });

/** GET /api/v1/enrolments */
const listEnrolments = route({
  method: 'GET',
  path: '/api/v1/enrolments',
  permission: 'enrolments:read',
  operationId: 'listEnrolments',
  summary: 'Enrolment links, the newest first, without their secrets.',
  query: EnrolmentListQuery,
  response: EnrolmentListModel,
  handle: ({ query, services }) => services.enrolments.list(query),
});

/** POST /api/v1/enrolments — the link is shown this once. */
const createEnrolment = route({
  method: 'POST',
  path: '/api/v1/enrolments',
  permission: 'enrolments:write',
  operationId: 'createEnrolment',
  summary: 'Makes a link with which a client gets one certificate; it is shown this once.',
  body: NewEnrolmentModel,
  status: 201,
  response: CreatedEnrolmentModel,
  handle: ({ body, actor, services }) => services.enrolments.create(body, actor),
});

/** GET /api/v1/enrolments/:id */
const getEnrolment = route({
  method: 'GET',
  path: '/api/v1/enrolments/:id',
  permission: 'enrolments:read',
  operationId: 'getEnrolment',
  summary: 'One enrolment link, without its secret.',
  params,
  response: EnrolmentModel,
  handle: ({ params: { id }, services }) => services.enrolments.find(id),
});

/** DELETE /api/v1/enrolments/:id — nobody can redeem it any more. */
const revokeEnrolment = route({
  method: 'DELETE',
  path: '/api/v1/enrolments/:id',
  permission: 'enrolments:write',
  operationId: 'revokeEnrolment',
  summary: 'Takes a link back; what was redeemed already is not taken back with it.',
  params,
  status: 204,
  response: z.null(),
  handle: ({ params: { id }, actor, services }) => services.enrolments.revoke(id, actor),
});

/** Every route of enrolment links. */
export const enrolmentRoutes: readonly Route[] = [
  listEnrolments,
  createEnrolment,
  getEnrolment,
  revokeEnrolment,
];
