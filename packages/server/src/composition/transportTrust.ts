import type { ClientTrust, Engine } from '@masque-vpn/engine';
import type { Logger } from 'pino';
import type { Metrics } from '../metrics/metrics.js';
import { authoritiesChange, type Authorities } from '../pki/authorities.js';
import type { ImportedCertificates } from '../pki/importedCertificates.js';
import type { ServerCredential } from '../pki/serverCredential.js';
import type { Cleanup } from '../process/cleanup.js';
import type { Clock } from '../process/clock.js';
import { ChangeFollower } from '../servers/changeFollower.js';
import type { Store } from '../store/store.js';

export interface TransportTrustParts {
  readonly engine: Pick<Engine, 'setCertificate' | 'setClientTrust'>;
  readonly authorities: Authorities;
  readonly credential: ServerCredential;
  readonly imported: ImportedCertificates;
  readonly metrics: Pick<Metrics, 'serverCertificateUsed'>;
  readonly store: Pick<Store, 'changes'>;
  readonly clock: Pick<Clock, 'after'>;
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
  const { engine, authorities, credential, imported, metrics, store, clock, logger, cleanup } = parts;
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
    new ChangeFollower({
      changes: store.changes,
      concerns: ({ kind, id }) =>
        kind === 'certificate' || (kind === 'settings' && id === authoritiesChange) ? 'everything' : null,
      readEverything: reload,
      ...{ clock, logger },
    }),
  ];
  cleanup.defer('trust', () => {
    for (const subscription of subscriptions) subscription[Symbol.dispose]();
  });
}
