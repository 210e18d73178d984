import { CertificateAdministration } from '../api/certificateAdministration.js';
import { ClientTokenAdministration } from '../api/clientTokenAdministration.js';
import { EnrolmentAdministration } from '../api/enrolmentAdministration.js';
import { PkiAdministration } from '../api/pkiAdministration.js';
import type { ApiServices } from '../api/services.js';
import { CertificateImport } from '../enrolments/certificateImport.js';
import type { ClientTokens } from '../enrolments/clientTokens.js';
import type { Enrolments } from '../enrolments/enrolments.js';
import type { ImportedCertificates } from '../pki/importedCertificates.js';
import type { MasterKey } from '../pki/masterKey.js';
import type { ApiParts } from './apiParts.js';

/** What clients prove themselves with. */
export interface CredentialParts {
  readonly enrolments: Enrolments;
  readonly clientTokens: ClientTokens;
  readonly imported: ImportedCertificates;
  readonly masterKey: Pick<MasterKey, 'source'>;
}

/** What the API shows of links, certificates, tokens and authorities. */
export function composeCredentialApi(
  parts: ApiParts & CredentialParts,
): Pick<ApiServices, 'enrolments' | 'certificates' | 'clientTokens' | 'pki'> {
  const { config, store, directory, settings, clock, logger } = parts;
  const { revocation } = parts.domain.care;
  return {
    enrolments: new EnrolmentAdministration({
      ...{ directory, settings, clock },
      enrolments: parts.enrolments,
      repository: store.enrolments,
    }),
    certificates: new CertificateAdministration({
      ...{ directory, revocation, clock },
      repository: store.certificates,
      import: new CertificateImport({ store, directory, imported: parts.imported, clock, logger }),
    }),
    clientTokens: new ClientTokenAdministration({
      directory,
      tokens: parts.clientTokens,
      repository: store.clientTokens,
      accepted: config.auth.clientTokens,
    }),
    pki: new PkiAdministration({
      ...{ revocation, clock },
      authorities: parts.authorities,
      credential: parts.credential,
      masterKeySource: parts.masterKey.source,
      repository: store.authorities,
      certificates: store.certificates,
    }),
  };
}
