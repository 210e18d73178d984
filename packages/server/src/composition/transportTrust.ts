import type { ClientTrust, Engine } from '@masque-vpn/engine';
import type { Logger } from 'pino';
import type { Metrics } from '../metrics/metrics.js';
import { authoritiesChange, type Authorities } from '../pki/authorities.js';
import type { ImportedCertificates } from '../pki/importedCertificates.js';
import type { ServerCredential } from '../pki/serverCredential.js';
import type { Cleanup } from '../process/cleanup.js';
import type { Store } from '../store/store.js';

export interface TransportTrustParts {
  readonly engine: Pick<Engine, 'setCertificate' | 'setClientTrust'>;
  readonly authorities: Authorities;
  readonly credential: ServerCredential;
  readonly imported: ImportedCertificates;
  readonly metrics: Pick<Metrics, 'serverCertificateUsed'>;
  readonly store: Pick<Store, 'changes'>;
  readonly logger: Logger;
  readonly cleanup: Cleanup;
}

/** Whom TLS lets in. */
export function clientTrust({
  authorities,
  imported,
}: Pick<TransportTrustParts, 'authorities' | 'imported'>): ClientTrust {
  return { anchorsPem: authorities.anchorsPem, leafSha256: imported.sha256 };
}

/**
 * Keeps the engine's certificate and trust current. Handshakes from now on use what is new; established connections
 * go on.
 */
export function followTrust(parts: TransportTrustParts): void {
  const { engine, authorities, credential, imported, metrics, store, logger, cleanup } = parts;
  const pushTrust = (): void => {
    const set = engine.setClientTrust(clientTrust(parts));
    if (!set.ok) logger.error({ err: set.error }, 'the clients that TLS lets in are not up to date');
  };
  const reload = async (): Promise<void> => {
    const reloaded = await authorities.reload();
    if (!reloaded.ok) logger.error({ err: reloaded.error }, 'the new certificate authorities are not in use');
    await imported.reload();
  };
  const subscriptions = [
    authorities.subscribe(pushTrust),
    imported.subscribe(pushTrust),
    credential.administration.subscribe(() => metrics.serverCertificateUsed(credential.notAfter)),
    credential.tunnel.subscribe(({ chainPem, keyPem }) => {
      const set = engine.setCertificate({ chainPem, keyPem });
      if (set.ok) metrics.serverCertificateUsed(credential.notAfter);
      else logger.error({ err: set.error }, 'the new server certificate is not in use');
    }),
    store.changes.subscribe((change) => {
      const concerns =
        change.kind === 'resync' ||
        change.kind === 'certificate' ||
        (change.kind === 'settings' && change.id === authoritiesChange);
      if (!concerns) return;
      reload().catch((error: unknown) => {
        logger.error({ err: error }, 'authorities and imported certificates could not be read again');
      });
    }),
  ];
  cleanup.defer('trust', () => {
    for (const subscription of subscriptions) subscription[Symbol.dispose]();
  });
}
