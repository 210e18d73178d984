import swagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import * as models from './models.js';
import { tidyComponents } from './openapiComponents.js';
import type { RoutePermission } from './routePermission.js';

/** Models by the names they have in the document: `ClientModel` is `Client`. */
function namedSchemas(): z.core.$ZodRegistry<{ id: string }> {
  const named = z.registry<{ id: string }>();
  for (const [name, schema] of Object.entries(models)) {
    if (schema instanceof z.ZodType && name.endsWith('Model')) named.add(schema, { id: name.slice(0, -5) });
  }
  return named;
}

/** Makes an OpenAPI 3.1 document out of the routes that are registered from now on: `app.swagger()`. */
export async function describeRoutes(app: FastifyInstance): Promise<void> {
  const schemaRegistry = namedSchemas();
  const transformObject = createJsonSchemaTransformObject({ schemaRegistry });
  const options: FastifyDynamicSwaggerOptions = {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'masque-vpn',
        version: '1',
        description:
          'Administration of a masque-vpn server. docs/api.md explains how to sign in and what all routes have in ' +
          'common, docs/errors.md every code.',
      },
      servers: [{ url: '/' }],
      components: {
        securitySchemes: {
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: '__Host-masque_vpn',
            description: 'Set by POST /api/v1/login. Changes need the header X-CSRF-Protection: 1 as well.',
          },
          token: { type: 'http', scheme: 'bearer', description: 'Made by POST /api/v1/tokens.' },
        },
      },
      security: [{ session: [] }, { token: [] }],
    },
    transform: createJsonSchemaTransform({ schemaRegistry }),
    transformObject: (document) => tidyComponents(transformObject(document)),
  };
  await app.register(swagger, options);
}

/** Who may call, for the document. */
export function describePermission(permission: RoutePermission): {
  readonly description: string;
  readonly security?: readonly [];
} {
  switch (permission) {
    case 'monitoring':
      return { description: 'For everybody who reaches the port.', security: [] };
    case 'everybody':
      return { description: 'For everybody, over TLS or on the server itself.', security: [] };
    case 'whoever':
      return {
        description:
          'For everybody, over TLS or on the server itself; who is signed in is answered something else.',
        security: [],
      };
    case 'signedIn':
      return { description: 'For everybody who is signed in.' };
    default:
      return { description: `Takes the permission \`${permission}\`.` };
  }
}

/** Header of requests that change what has a version. */
export const ifMatchHeader = z.looseObject({
  'if-match': z
    .string()
    .optional()
    .describe('Entity tag that the change is based on; another one since is refused with 412.'),
});

/** Header of requests that make something. */
export const idempotencyHeader = z.looseObject({
  'idempotency-key': z
    .string()
    .optional()
    .describe('Made up by the caller, 16–200 characters: a repeated request is answered as the first was.'),
});
