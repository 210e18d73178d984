import type { Engine } from '@masque-vpn/engine';
import type { Logger } from 'pino';
import type { ServerConfig } from '../config/config.js';
import type { CertificateAuthority } from '../pki/authority.js';
import { ensureServerCertificate } from '../pki/serverCertificate.js';
import type { Clock } from '../process/clock.js';
import type { NetworkKeeper } from '../process/networkKeeper.js';
import { Upkeep } from '../process/upkeep.js';
import type { Store } from '../store/store.js';
import type { Domain } from './domain.js';
import type { ServerNames } from './names.js';

const second = 1_000;
const hour = 3_600 * second;
const day = 24 * hour;

/** How long ended sessions stay in the history. */
const historyMs = 90 * day;

export interface ChoreParts {
  readonly config: ServerConfig;
  readonly engine: Pick<Engine, 'setCertificate'>;
  readonly domain: Domain;
  readonly network: NetworkKeeper;
  readonly store: Store;
  readonly authority: CertificateAuthority;
  readonly names: ServerNames;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What has to be done again and again while the server runs. */
export function startUpkeep(parts: ChoreParts): Upkeep {
  const { domain, network, store, clock, logger } = parts;
  const upkeep = new Upkeep(clock, logger);
  // Rows of what has ended must not pile up in the engine where nobody scrapes.
  upkeep.every(5 * second, 'metrics', () => domain.metrics.samplePaths());
  upkeep.every(30 * second, 'host network', () => network.refresh());
  upkeep.every(hour, 'session history', async () => {
    const sessions = await store.sessionHistory.prune(Math.trunc(clock.now()) - historyMs);
    if (sessions > 0) logger.info({ sessions }, 'old sessions removed from the history');
  });
  upkeep.every(day, 'server certificate', () => renewCertificate(parts));
  return upkeep;
}

/** Handshakes from now on use the new certificate; established connections keep theirs. */
async function renewCertificate({
  config,
  engine,
  domain,
  authority,
  names,
  clock,
  logger,
}: ChoreParts): Promise<void> {
  const ensured = await ensureServerCertificate({
    authority,
    directory: config.server.stateDir,
    names: names.certificate,
    now: Math.trunc(clock.now()),
  });
  if (!ensured.ok) {
    logger.error({ err: ensured.error }, 'the server certificate was not renewed');
    return;
  }
  const { chainPem, keyPem, made, notAfter } = ensured.value;
  if (made === 'kept') return;
  const set = engine.setCertificate({ chainPem, keyPem });
  if (set.ok) {
    logger.info({ reason: made }, 'the server certificate was renewed');
    domain.metrics.serverCertificateUsed(notAfter);
  } else logger.error({ err: set.error }, 'the renewed server certificate is not in use');
}
