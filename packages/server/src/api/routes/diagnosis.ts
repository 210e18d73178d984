import { z } from 'zod';
import { DiagnosisModel } from '../models/diagnosis.js';
import { ClientIdSchema } from '../models/identifiers.js';
import { route } from '../route.js';

/** GET /api/v1/clients/:id/diagnosis — of a connected client it takes a second to measure. */
export const getDiagnosis = route({
  method: 'GET',
  path: '/api/v1/clients/:id/diagnosis',
  permission: 'clients:read',
  operationId: 'getDiagnosis',
  summary: 'Why a client cannot connect, or is slow, from what this server knows.',
  params: z.object({ id: ClientIdSchema }),
  response: DiagnosisModel,
  handle: ({ params: { id }, services }) => services.diagnosis.of(id),
});
