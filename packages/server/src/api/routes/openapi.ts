import { describeOperation, type Route } from '../route.js';

const path = '/api/openapi.json';
const declaration = {
  path,
  permission: 'everybody',
  operationId: 'getOpenApi',
  summary: 'This API as an OpenAPI 3.1 document.',
} as const;

/** GET /api/openapi.json — this API, generated from its routes. */
export const getOpenApi: Route = {
  ...declaration,
  method: 'GET',
  streams: false,
  register(app) {
    app.route({
      method: 'GET',
      url: path,
      config: { permission: declaration.permission },
      schema: { ...describeOperation(declaration), hide: true },
      handler: async (_request, reply) =>
        reply.header('cache-control', 'no-store').type('application/json; charset=utf-8').send(app.swagger()),
    });
  },
};
