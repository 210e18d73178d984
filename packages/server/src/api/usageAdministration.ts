import { ok, type Result } from '@masque-vpn/protocol';
import type { ClientDirectory } from '../clients/directory.js';
import type { AccessControl } from '../policy/access.js';
import { clientMissing, type PolicyFailure } from '../policy/failure.js';
import type { Clock } from '../process/clock.js';
import type { UsageAmount, UsageRepository } from '../store/usage.js';
import { dayOf, monthOf } from '../usage/account.js';
import type { Usage } from '../usage/usage.js';
import type { EffectiveLimitsModel } from './models/limits.js';
import type { ClientUsageQuery, DailyUsageModel, MonthlyUsageModel, UsageQuery } from './models/usage.js';
import { cutPage, nameKey, type Page, parseCursor } from './page.js';
import type { ApiFailure } from './problem.js';

export interface UsageAdministrationOptions {
  readonly repository: UsageRepository;
  readonly usage: Pick<Usage, 'measure' | 'flush' | 'monthBytes'>;
  readonly directory: Pick<ClientDirectory, 'findBySlug'>;
  readonly accessControl: Pick<AccessControl, 'limitsOf'>;
  /** What holds where nobody set anything. */
  readonly server: { readonly maxSessions: number; readonly routes: readonly string[] };
  readonly clock: Clock;
}

const dayMs = 86_400_000;

/** Traffic by client as the API shows it. Every method throws `StoreError` when the store is lost. */
export class UsageAdministration {
  readonly #options: UsageAdministrationOptions;

  constructor(options: UsageAdministrationOptions) {
    this.#options = options;
  }

  /** Sums of one month. Code: API_REQUEST_INVALID. */
  async month({ month, limit, cursor }: UsageQuery): Promise<Result<Page<MonthlyUsageModel>, ApiFailure>> {
    const after = parseCursor(cursor, nameKey);
    if (!after.ok) return after;
    const { repository, clock } = this.#options;
    await this.#bringUpToDate();
    const [last] = after.value ?? [];
    const rows = await repository.month(month ?? monthOf(clock.now()), {
      ...(last === undefined ? {} : { after: last }),
      limit: limit + 1,
    });
    return ok(
      cutPage(
        rows,
        limit,
        ({ clientSlug }) => [clientSlug],
        (row) => ({
          ...{ clientId: row.clientSlug, month: row.month, ...amountOf(row) },
          monthlyQuotaBytes: this.#quotaOf(row.clientSlug),
        }),
      ),
    );
  }

  /** Days of one client. Code: CLIENT_NOT_FOUND. */
  async days(
    clientId: string,
    query: ClientUsageQuery,
  ): Promise<Result<{ items: DailyUsageModel[]; nextCursor: null }, PolicyFailure>> {
    const { repository, directory, clock } = this.#options;
    const to = query.to ?? dayOf(clock.now());
    const from = query.from ?? dayOf(Date.parse(to) - 30 * dayMs);
    await this.#bringUpToDate();
    const rows = await repository.days(clientId, from, to);
    // One that was deleted keeps its usage.
    if (rows.length === 0 && directory.findBySlug(clientId) === null) return clientMissing(clientId);
    const items = rows.map((row) => ({ clientId: row.clientSlug, day: row.day, ...amountOf(row) }));
    return ok({ items, nextCursor: null });
  }

  /** What holds for a client after inheritance. Code: CLIENT_NOT_FOUND. */
  limits(clientId: string): Result<EffectiveLimitsModel, PolicyFailure> {
    const { directory, accessControl, usage, server } = this.#options;
    const client = directory.findBySlug(clientId);
    if (client === null) return clientMissing(clientId);
    usage.measure();
    const { rateUp, rateDown, monthlyQuota, maxSessions, routes, dns } = accessControl.limitsOf(client.uuid);
    return ok({
      rateUpBytesPerSecond: rateUp,
      rateDownBytesPerSecond: rateDown,
      monthlyQuotaBytes: monthlyQuota,
      monthUsedBytes: usage.monthBytes(client.uuid),
      maxSessions: maxSessions ?? server.maxSessions,
      routes: [...(routes ?? server.routes)],
      dns: dns === null ? null : { servers: [...dns.servers], searchDomains: [...dns.searchDomains] },
    });
  }

  #quotaOf(clientId: string): number | null {
    const { directory, accessControl } = this.#options;
    const client = directory.findBySlug(clientId);
    return client === null ? null : accessControl.limitsOf(client.uuid).monthlyQuota;
  }

  /** What was moved until now, not only until the last flush. */
  async #bringUpToDate(): Promise<void> {
    this.#options.usage.measure();
    await this.#options.usage.flush();
  }
}

function amountOf({ bytesIn, bytesOut, packetsIn, packetsOut, sessions }: UsageAmount): UsageAmount {
  return { bytesIn, bytesOut, packetsIn, packetsOut, sessions };
}
