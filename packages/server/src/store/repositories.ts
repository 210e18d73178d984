import type { Kysely } from 'kysely';
import { AuditRepository } from './audit.js';
import { CertificateRepository } from './certificates.js';
import type { Changes } from './changes.js';
import { ClientRepository } from './clients.js';
import { LeaseRepository } from './leases.js';
import type { Database } from './schema.js';
import { SessionHistory } from './sessionHistory.js';
import { SettingRepository } from './settings.js';

/**
 * What the server remembers, one repository per noun: all of the database, or one transaction of it. Every method
 * throws {@link StoreError} when the store is lost.
 */
export class Repositories {
  readonly clients: ClientRepository;
  readonly certificates: CertificateRepository;
  readonly leases: LeaseRepository;
  readonly sessionHistory: SessionHistory;
  readonly settings: SettingRepository;
  readonly audit: AuditRepository;
  /** News for other servers on the same database. */
  readonly changes: Changes;

  constructor(database: Kysely<Database>, changes: Changes) {
    this.clients = new ClientRepository(database);
    this.certificates = new CertificateRepository(database);
    this.leases = new LeaseRepository(database);
    this.sessionHistory = new SessionHistory(database);
    this.settings = new SettingRepository(database);
    this.audit = new AuditRepository(database);
    this.changes = changes;
  }
}
