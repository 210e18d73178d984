import type { Logger } from 'pino';
import type { ServerConfig } from '../config/config.js';
import { AcmeIssuer } from '../pki/acme/acmeIssuer.js';
import { AcmeRenewal } from '../pki/acme/acmeRenewal.js';
import type { ServerCredential } from '../pki/serverCredential.js';
import type { Cleanup } from '../process/cleanup.js';
import type { Clock } from '../process/clock.js';
import type { OpenedFront } from './front.js';
import type { ServerNames } from './names.js';

export interface AcmeParts {
  readonly config: ServerConfig;
  readonly names: ServerNames;
  readonly front: OpenedFront | null;
  readonly credential: ServerCredential;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly cleanup: Cleanup;
}

/** What keeps a certificate by ACME current, its first look begun; null where the configuration wants none. */
export function startAcme(parts: AcmeParts): AcmeRenewal | null {
  const { config, names, front, credential, clock, logger, cleanup } = parts;
  const { acme } = config;
  if (acme === null || front === null) return null;
  const { directory, email, caFile } = acme;
  const renewal = new AcmeRenewal({
    issuer: new AcmeIssuer({ directory, email, caFile, clock }),
    names: acme.domains,
    directory,
    publicHost: names.publicHost,
    stateDirectory: config.server.stateDir,
    stage: front.challenges,
    isOpen: () => front.keeper.state.address !== null,
    ...{ credential, clock, logger },
  });
  cleanup.defer('certificate by ACME', () => renewal[Symbol.dispose]());
  renewal.attend().catch((error: unknown) => {
    logger.error({ err: error }, 'the certificate by ACME was not looked after');
  });
  return renewal;
}
