import { ok, type Result } from '@masque-vpn/protocol';
import type { Actor } from '../audit/actor.js';
import type { ClientDirectory } from '../clients/directory.js';
import { enrolmentFailed } from '../enrolments/enrolmentFailure.js';
import type { Enrolments } from '../enrolments/enrolments.js';
import type { RuntimeSettings } from '../settings/runtimeSettings.js';
import type { EnrolmentRecord, EnrolmentRepository } from '../store/enrolments.js';
import type { EnrolmentListQuery, EnrolmentModel, NewEnrolmentModel } from './models/enrolment.js';
import { namedClient } from './namedClient.js';
import { cutPage, type Page, parseCursor, uuidKey } from './page.js';
import type { ApiFailure } from './problem.js';

export interface EnrolmentAdministrationOptions {
  readonly enrolments: Enrolments;
  readonly repository: Pick<EnrolmentRepository, 'list' | 'find'>;
  readonly directory: Pick<ClientDirectory, 'findBySlug' | 'findByUuid'>;
  readonly settings: Pick<RuntimeSettings, 'values'>;
  readonly clock: { now(): number };
}

const hour = 3_600_000;
/** Enrolment links as the API shows and makes them. Every method throws `StoreError`. */
export class EnrolmentAdministration {
  readonly #options: EnrolmentAdministrationOptions;

  constructor(options: EnrolmentAdministrationOptions) {
    this.#options = options;
  }

  /** The newest first. Codes: API_REQUEST_INVALID, CLIENT_NOT_FOUND. */
  async list(query: EnrolmentListQuery): Promise<Result<Page<EnrolmentModel>, ApiFailure>> {
    const { repository, directory, clock } = this.#options;
    const before = parseCursor(query.cursor, uuidKey);
    if (!before.ok) return before;
    const client = namedClient(query.client, directory);
    if (!client.ok) return client;
    const found = await repository.list({
      ...client.value,
      ...(query.open === 'true' ? { openAt: clock.now() } : {}),
      ...(before.value === null ? {} : { before: before.value[0] }),
      limit: query.limit + 1,
    });
    return ok(
      cutPage(
        found,
        query.limit,
        ({ uuid }) => [uuid],
        (record) => this.#model(record),
      ),
    );
  }

  /** Code: ENROLMENT_NOT_FOUND. */
  async find(id: string): Promise<Result<EnrolmentModel, ApiFailure>> {
    const record = await this.#options.repository.find(id);
    if (record === null) return enrolmentFailed('ENROLMENT_NOT_FOUND', `there is no link ${id}`);
    return ok(this.#model(record));
  }

  /** Code: CLIENT_NOT_FOUND. */
  async create(
    request: NewEnrolmentModel,
    actor: Actor,
  ): Promise<Result<{ id: string; client: string; link: string; expiresAtMs: number }, ApiFailure>> {
    const { enrolments, settings } = this.#options;
    const lifetimeMs = (request.lifetimeHours ?? settings.values.enrolmentLifetimeHours) * hour;
    const wanted = { lifetimeMs, host: request.host ?? null };
    const made = await enrolments.create(request.client, wanted, actor);
    if (!made.ok) return made;
    const { uuid: id, link, expiresAt: expiresAtMs } = made.value;
    return ok({ id, client: request.client, link, expiresAtMs });
  }

  /** Codes: ENROLMENT_NOT_FOUND, ENROLMENT_USED. */
  revoke(id: string, actor: Actor): Promise<Result<null, ApiFailure>> {
    return this.#options.enrolments.revoke(id, actor);
  }

  #model(record: EnrolmentRecord): EnrolmentModel {
    const { directory, clock } = this.#options;
    return {
      id: record.uuid,
      client: directory.findByUuid(record.clientUuid)?.slug ?? 'unknown',
      state: stateOf(record, clock.now()),
      createdBy: record.createdBy,
      createdAtMs: record.createdAt,
      expiresAtMs: record.expiresAt,
      redeemedAtMs: record.redeemedAt,
      redeemedFrom: record.redeemedFrom,
      certificateSha256: record.certificateSha256,
      revokedAtMs: record.revokedAt,
    };
  }
}

function stateOf(record: EnrolmentRecord, now: number): EnrolmentModel['state'] {
  if (record.redeemedAt !== null) return 'redeemed';
  if (record.revokedAt !== null) return 'revoked';
  return now >= record.expiresAt ? 'expired' : 'open';
}
