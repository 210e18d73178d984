import type { Host } from '@masque-vpn/host';
import type { Logger } from 'pino';
import type { Pools } from '../addressing/pools.js';
import type { Checks } from '../checks/checks.js';
import type { ClientDirectory } from '../clients/directory.js';
import type { ServerConfig } from '../config/config.js';
import type { EffectiveConfiguration } from '../config/effective.js';
import type { EventStreams } from '../events/eventStreams.js';
import type { Authorities } from '../pki/authorities.js';
import type { Sealer } from '../pki/sealer.js';
import type { ServerCredential } from '../pki/serverCredential.js';
import type { Clock } from '../process/clock.js';
import type { LogRing } from '../process/logRing.js';
import type { NetworkKeeper } from '../process/networkKeeper.js';
import type { RuntimeSettings } from '../settings/runtimeSettings.js';
import type { Store } from '../store/store.js';
import type { Site } from '../web/site.js';
import type { Webhooks } from '../webhooks/webhooks.js';
import type { Observation } from './observation.js';
import type { Domain } from './domain.js';
import type { Secrets } from './secretFiles.js';
import type { ServerNames } from './names.js';

/** What the API is made of. */
export interface ApiParts {
  readonly config: ServerConfig;
  readonly effective: EffectiveConfiguration;
  readonly settings: RuntimeSettings;
  readonly events: EventStreams;
  readonly logs: LogRing;
  readonly webhooks: Webhooks;
  readonly version: string;
  readonly site: Site;
  readonly observation: Observation;
  readonly checks: Checks;
  readonly domain: Domain;
  readonly directory: ClientDirectory;
  readonly authorities: Authorities;
  readonly credential: ServerCredential;
  readonly secrets: Secrets;
  readonly sealer: Sealer;
  readonly store: Store;
  /** Which of the servers on the database this is; null: it is the only one. */
  readonly serverId: string | null;
  readonly pools: Pools;
  readonly network: NetworkKeeper;
  readonly host: Pick<Host, 'facts'>;
  readonly names: ServerNames;
  readonly udpAddress: string;
  readonly clock: Clock;
  readonly logger: Logger;
}
