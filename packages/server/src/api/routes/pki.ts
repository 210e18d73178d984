import { ok } from '@masque-vpn/protocol';
import { z } from 'zod';
import { FingerprintSchema } from '../models/certificate.js';
import { PkiModel, RetiredAuthorityModel } from '../models/pki.js';
import { route, type Route } from '../route.js';

/** GET /api/v1/pki */
const getPki = route({
  method: 'GET',
  path: '/api/v1/pki',
  permission: 'server:read',
  operationId: 'getPki',
  summary: 'Certificate authorities, what depends on them, and the server’s certificate.',
  response: PkiModel,
  handle: async ({ services }) => ok(await services.pki.show()),
});

/** POST /api/v1/pki/rollover — clients learn the new authority when they renew. */
const rollOver = route({
  method: 'POST',
  path: '/api/v1/pki/rollover',
  permission: 'server:write',
  operationId: 'rollOverAuthority',
  summary: 'Makes a new certificate authority; the old one is trusted until nobody depends on it.',
  status: 201,
  response: PkiModel,
  handle: ({ actor, services }) => services.pki.rollOver(actor),
});

/** POST /api/v1/pki/authorities/:sha256/retire — for a key that may have been stolen. */
const retireAuthority = route({
  method: 'POST',
  path: '/api/v1/pki/authorities/:sha256/retire',
  permission: 'server:write',
  operationId: 'retireAuthority',
  summary: 'Ends a rollover at once: revokes all certificates of the old authority.',
  params: z.object({ sha256: FingerprintSchema }),
  response: RetiredAuthorityModel,
  handle: ({ params: { sha256 }, actor, services }) => services.pki.retire(sha256, actor),
});

/** Every route of the certificate authority. */
export const pkiRoutes: readonly Route[] = [getPki, rollOver, retireAuthority];
