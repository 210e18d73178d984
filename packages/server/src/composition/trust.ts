import type { Logger } from 'pino';
import { ok, type Result } from '@masque-vpn/protocol';
import type { ServerConfig } from '../config/config.js';
import { acmeCertificateFiles } from '../pki/acme/acmeFiles.js';
import { openAuthorities, type Authorities } from '../pki/authorities.js';
import { ImportedCertificates } from '../pki/importedCertificates.js';
import { findMasterKey, type MasterKey } from '../pki/masterKey.js';
import type { PkiError } from '../pki/pkiError.js';
import type { Sealer } from '../pki/sealer.js';
import { openSealer } from '../pki/sealing.js';
import { ServerCredential } from '../pki/serverCredential.js';
import type { Cleanup } from '../process/cleanup.js';
import type { Clock } from '../process/clock.js';
import type { Store } from '../store/store.js';
import type { ServerNames } from './names.js';

/** Keys and certificates. */
export interface Trust {
  readonly authorities: Authorities;
  readonly credential: ServerCredential;
  readonly imported: ImportedCertificates;
  /** For secrets that go into the database. */
  readonly sealer: Sealer;
  readonly masterKey: Pick<MasterKey, 'isNew' | 'file' | 'source'>;
}

export interface TrustOptions {
  readonly config: ServerConfig;
  readonly store: Store;
  readonly names: ServerNames;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly cleanup: Cleanup;
}

/** Opens authorities and the server's certificate, or makes both at the first start. Throws `StoreError`. */
export async function openTrust(options: TrustOptions): Promise<Result<Trust, PkiError>> {
  const { config, store, names, environment, clock, logger, cleanup } = options;
  const { stateDir: directory, ownCertificate } = config.server;
  const acme = config.acme !== null;
  const own = acme ? acmeCertificateFiles(directory) : ownCertificate;
  const { keyFile: file, clientValidityMs } = config.pki;
  const now = Math.trunc(clock.now());
  const opened = await openAuthorities({
    ...{ store, directory, clientValidityMs, now, logger },
    findMasterKey: (mayMake) => findMasterKey({ file, directory, environment, mayMake, logger }),
  });
  if (!opened.ok) return opened;
  const { authorities, masterKey } = opened.value;
  const sealer = await openSealer(masterKey, store);
  if (!sealer.ok) return sealer;
  const credential = await ServerCredential.open({
    ...{ authorities, directory, own, acme, clock, logger },
    ownEverywhere: config.server.tunnelCertificate === 'own',
    publicHost: names.publicHost,
    names: names.certificate,
  });
  if (!credential.ok) return credential;
  cleanup.defer('server certificate', () => credential.value[Symbol.dispose]());
  const imported = await ImportedCertificates.load(store, clock);
  return ok({ authorities, imported, credential: credential.value, sealer: sealer.value, masterKey });
}
