import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { Pools } from '../addressing/pools.js';
import type { ClientDirectory } from '../clients/directory.js';
import { pruneLogins } from '../administration/pruning.js';
import type { ServerConfig } from '../config/config.js';
import type { FrontKeeper } from '../front/keeper.js';
import type { AcmeRenewal } from '../pki/acme/acmeRenewal.js';
import type { Authorities } from '../pki/authorities.js';
import type { ImportedCertificates } from '../pki/importedCertificates.js';
import type { ServerCredential } from '../pki/serverCredential.js';
import type { Clock } from '../process/clock.js';
import type { NetworkKeeper } from '../process/networkKeeper.js';
import { Upkeep } from '../process/upkeep.js';
import type { RuntimeSettings } from '../settings/runtimeSettings.js';
import { Presence } from '../servers/presence.js';
import type { Store } from '../store/store.js';
import { expiryNotices, onceEvents } from '../webhooks/notices.js';
import type { Outbox } from '../webhooks/outbox.js';
import type { Domain } from './domain.js';

const second = 1_000;
const hour = 3_600 * second;
const day = 24 * hour;

/** How long what is of no use any more stays. */
const historyMs = 90 * day;

/** How long deliveries are shown; those that must not be repeated, longer than notices run ahead. */
const deliveriesMs = 14 * day;
const noticesMs = 100 * day;

export interface ChoreParts {
  readonly outbox: Outbox;
  readonly directory: ClientDirectory;
  readonly config: Pick<ServerConfig, 'history' | 'api'>;
  readonly settings: RuntimeSettings;
  readonly domain: Domain;
  readonly network: NetworkKeeper;
  readonly pools: Pools;
  readonly store: Store;
  readonly serverId: string | null;
  readonly authorities: Authorities;
  readonly credential: ServerCredential;
  readonly imported: ImportedCertificates;
  readonly front: FrontKeeper | null;
  readonly acme: AcmeRenewal | null;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What has to be done again and again while the server runs. */
export function startUpkeep(parts: ChoreParts): Upkeep {
  const {
    outbox,
    directory,
    config,
    settings,
    domain,
    network,
    store,
    authorities,
    credential,
    clock,
    logger,
  } = parts;
  const upkeep = new Upkeep(clock, logger);
  // Rows of what has ended must not pile up in the engine where nobody scrapes.
  upkeep.every(5 * second, 'metrics', () => domain.metrics.samplePaths());
  // Nothing else would, when the database is back and nobody comes or goes.
  upkeep.every(5 * second, 'leases', () => parts.pools.retry());
  const { serverId } = parts;
  if (serverId !== null) {
    const onGone = (): void => domain.care.openSessions.readAgain();
    const presence = new Presence({ store, uuid: serverId, name: hostname(), onGone, clock, logger });
    upkeep.every(60 * second, 'presence', () => presence.attend());
  }
  upkeep.every(30 * second, 'host network', () => network.refresh());
  upkeep.every(hour, 'session history', async () => {
    const sessions = await store.sessionHistory.prune(Math.trunc(clock.now()) - config.history.sessionsMs);
    if (sessions > 0) logger.info({ sessions }, 'old sessions removed from the history');
  });
  upkeep.every(hour, 'expiry notices', () => {
    const now = Math.trunc(clock.now());
    expiryNotices(outbox, directory, { now, untilMs: now + settings.values.expiryNoticeDays * day });
  });
  upkeep.every(hour, 'webhook deliveries', async () => {
    const now = Math.trunc(clock.now());
    await store.webhooks.prune(now - deliveriesMs, onceEvents);
    await store.webhooks.prune(now - noticesMs, ['']);
  });
  upkeep.every(hour, 'audit log', async () => {
    const { auditDays } = settings.values;
    if (auditDays > 0) await store.audit.prune(Math.trunc(clock.now()) - auditDays * day);
  });
  upkeep.every(30 * second, 'public TCP port', () => parts.front?.open());
  // A certificate that was brought along may be replaced at any time.
  upkeep.every(30 * second, 'server certificate', () => credential.refresh());
  upkeep.every(30 * second, 'certificate by ACME', () => parts.acme?.attend());
  upkeep.every(hour, 'imported certificates', () => parts.imported.reload());
  upkeep.every(hour, 'certificate authorities', () => authorities.settle(Math.trunc(clock.now())));
  upkeep.every(day, 'enrolments', () => store.enrolments.prune(Math.trunc(clock.now()) - historyMs));
  upkeep.every(day, 'certificates', () => store.certificates.prune(Math.trunc(clock.now()) - historyMs));
  upkeep.every(hour, 'logins', () => pruneLogins(store, config.api.sessionIdleMs, Math.trunc(clock.now())));
  // How far a quota can be exceeded, and what a crash can lose of the usage: see docs/policy.md.
  upkeep.every(second, 'quotas', () => domain.usage.watch());
  upkeep.every(10 * second, 'usage', () => {
    domain.usage.measure();
    return domain.usage.flush();
  });
  return upkeep;
}
