import { z } from 'zod';
import {
  CertificateListModel,
  CertificateListQuery,
  CertificateModel,
  CertificateRevocationModel,
  FingerprintSchema,
  ImportedCertificateModel,
  RevokedCertificateModel,
} from '../models/certificate.js';
import { route, type Route } from '../route.js';

const params = z.object({ sha256: FingerprintSchema });

/** GET /api/v1/certificates */
const listCertificates = route({
  method: 'GET',
  path: '/api/v1/certificates',
  permission: 'certificates:read',
  operationId: 'listCertificates',
  summary: 'Client certificates in order of fingerprint.',
  query: CertificateListQuery,
  response: CertificateListModel,
  handle: ({ query, services }) => services.certificates.list(query),
});

/** POST /api/v1/certificates — of another authority. */
const importCertificate = route({
  method: 'POST',
  path: '/api/v1/certificates',
  permission: 'certificates:write',
  operationId: 'importCertificate',
  summary: 'Lets a client in with a certificate that it has already, whoever issued it.',
  body: ImportedCertificateModel,
  status: 201,
  response: CertificateModel,
  handle: ({ body, actor, services }) => services.certificates.import(body, actor),
});

/** GET /api/v1/certificates/:sha256 */
const getCertificate = route({
  method: 'GET',
  path: '/api/v1/certificates/:sha256',
  permission: 'certificates:read',
  operationId: 'getCertificate',
  summary: 'One client certificate.',
  params,
  response: CertificateModel,
  handle: ({ params: { sha256 }, services }) => services.certificates.find(sha256),
});

/** POST /api/v1/certificates/:sha256/revoke — its sessions have ended when this is answered. */
const revokeCertificate = route({
  method: 'POST',
  path: '/api/v1/certificates/:sha256/revoke',
  permission: 'certificates:write',
  operationId: 'revokeCertificate',
  summary: 'Refuses a certificate from now on and ends its sessions.',
  params,
  body: CertificateRevocationModel,
  response: RevokedCertificateModel,
  handle: ({ params: { sha256 }, body, actor, services }) =>
    services.certificates.revoke(sha256, body.reason ?? null, actor),
});

/** Every route of client certificates. */
export const certificateRoutes: readonly Route[] = [
  listCertificates,
  importCertificate,
  getCertificate,
  revokeCertificate,
];
