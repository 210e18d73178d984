import type { Kysely } from 'kysely';
import { AdministratorRepository } from './administrators.js';
import { ApiTokenRepository } from './apiTokens.js';
import { AuditRepository, type AuditEntry } from './audit.js';
import { AuthorityRepository } from './authorities.js';
import { CertificateRepository } from './certificates.js';
import type { Changes } from './changes.js';
import { ClientRepository } from './clients.js';
import { ClientTokenRepository } from './clientTokens.js';
import { EnrolmentRepository } from './enrolments.js';
import { GroupRepository } from './groups.js';
import { IdempotencyKeyRepository } from './idempotencyKeys.js';
import { LeaseRepository } from './leases.js';
import { LoginFailureRepository } from './loginFailures.js';
import { LoginRepository } from './logins.js';
import { ReachRepository } from './reach.js';
import { RuleRepository } from './rules.js';
import type { Database } from './schema.js';
import { ServerRepository } from './servers.js';
import { SessionHistory } from './sessionHistory.js';
import { SettingRepository } from './settings.js';
import { UsageRepository } from './usage.js';
import { WebhookRepository } from './webhooks.js';

/**
 * What the server remembers, one repository per noun: all of the database, or one transaction of it. Every method
 * throws {@link StoreError} when the store is lost.
 */
export class Repositories {
  readonly clients: ClientRepository;
  readonly certificates: CertificateRepository;
  readonly authorities: AuthorityRepository;
  readonly enrolments: EnrolmentRepository;
  readonly clientTokens: ClientTokenRepository;
  readonly leases: LeaseRepository;
  readonly sessionHistory: SessionHistory;
  readonly servers: ServerRepository;
  readonly settings: SettingRepository;
  readonly audit: AuditRepository;
  readonly groups: GroupRepository;
  readonly rules: RuleRepository;
  readonly reach: ReachRepository;
  readonly usage: UsageRepository;
  readonly webhooks: WebhookRepository;
  readonly administrators: AdministratorRepository;
  readonly logins: LoginRepository;
  readonly loginFailures: LoginFailureRepository;
  readonly apiTokens: ApiTokenRepository;
  readonly idempotencyKeys: IdempotencyKeyRepository;
  /** News for other servers on the same database. */
  readonly changes: Changes;

  /** @param onAudited hears of each audit entry before it is committed */
  constructor(
    database: Kysely<Database>,
    changes: Changes,
    onAudited: (entry: AuditEntry) => void = () => undefined,
  ) {
    this.clients = new ClientRepository(database);
    this.certificates = new CertificateRepository(database);
    this.authorities = new AuthorityRepository(database);
    this.enrolments = new EnrolmentRepository(database);
    this.clientTokens = new ClientTokenRepository(database);
    this.leases = new LeaseRepository(database);
    this.sessionHistory = new SessionHistory(database);
    this.servers = new ServerRepository(database);
    this.settings = new SettingRepository(database);
    this.audit = new AuditRepository(database, onAudited);
    this.groups = new GroupRepository(database);
    this.rules = new RuleRepository(database);
    this.reach = new ReachRepository(database);
    this.usage = new UsageRepository(database);
    this.webhooks = new WebhookRepository(database);
    this.administrators = new AdministratorRepository(database);
    this.logins = new LoginRepository(database);
    this.loginFailures = new LoginFailureRepository(database);
    this.apiTokens = new ApiTokenRepository(database);
    this.idempotencyKeys = new IdempotencyKeyRepository(database);
    this.changes = changes;
  }
}
