import type { Readable } from 'node:stream';
import type { Encoding } from '../metrics/scrape.js';
import type { Administration } from '../administration/administration.js';
import type { Devices } from '../administration/devices.js';
import type { Actor } from '../audit/actor.js';
import type { EventStreams } from '../events/eventStreams.js';
import type { LogRing } from '../process/logRing.js';
import type { RuntimeSettings } from '../settings/runtimeSettings.js';
import type { ThroughputRange } from '../throughput/ranges.js';
import type { Site } from '../web/site.js';
import type { AuditRepository } from '../store/audit.js';
import type { AddressAdministration } from './addressAdministration.js';
import type { CertificateAdministration } from './certificateAdministration.js';
import type { ClientAdministration } from './clientAdministration.js';
import type { ClientTokenAdministration } from './clientTokenAdministration.js';
import type { EnrolmentAdministration } from './enrolmentAdministration.js';
import type { FlowModels } from './flowModels.js';
import type { GroupAdministration } from './groupAdministration.js';
import type { Diagnoses } from './diagnoses.js';
import type { ChecksModel } from './models/check.js';
import type { ThroughputModel } from './models/throughput.js';
import type { ConfigurationModel } from './models/configuration.js';
import type { Idempotency } from './idempotency.js';
import type { HealthModel } from './models/health.js';
import type { PkiAdministration } from './pkiAdministration.js';
import type { ReachAdministration } from './reachAdministration.js';
import type { RuleAdministration } from './ruleAdministration.js';
import type { UsageAdministration } from './usageAdministration.js';
import type { WebhookAdministration } from './webhookAdministration.js';
import type { SessionAdministration } from './sessionAdministration.js';
import type { StatusModel } from './models/status.js';

/** What the routes call; everything they know of the server. */
export interface ApiServices {
  /** What /metrics asks for as a bearer token; null: it asks for none. */
  readonly metricsToken: string | null;
  /** The web interface. */
  readonly site: Site;
  readonly administration: Administration;
  /** Null: people enrol no devices of their own. */
  readonly devices: Devices | null;
  readonly idempotency: Idempotency;
  readonly clients: ClientAdministration;
  readonly enrolments: EnrolmentAdministration;
  readonly certificates: CertificateAdministration;
  readonly clientTokens: ClientTokenAdministration;
  readonly pki: PkiAdministration;
  readonly sessions: SessionAdministration;
  readonly addresses: AddressAdministration;
  readonly groups: GroupAdministration;
  readonly rules: RuleAdministration;
  readonly reach: ReachAdministration;
  readonly flows: FlowModels;
  readonly usage: UsageAdministration;
  readonly settings: RuntimeSettings;
  readonly audit: Pick<AuditRepository, 'list'>;
  readonly events: Pick<EventStreams, 'open'>;
  readonly logs: Pick<LogRing, 'list'>;
  readonly webhooks: WebhookAdministration;
  /** What was read from `server.toml`. */
  readonly configuration: () => ConfigurationModel;
  /** Content of a backup file; recorded as done by this actor. */
  readonly backup: (actor: Actor) => Promise<Readable>;
  readonly status: () => StatusModel;
  /** Looks at the host now. */
  readonly checks: () => Promise<ChecksModel>;
  readonly throughput: (range: ThroughputRange) => ThroughputModel;
  readonly diagnosis: Diagnoses;
  readonly health: () => HealthModel;
  /** The exposition in text format 0.0.4; `scraper` is a Prometheus' name, null anybody else. */
  readonly scrape: (encoding: Encoding, scraper: string | null) => Promise<Readable>;
}
