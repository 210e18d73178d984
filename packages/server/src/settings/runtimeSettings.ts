import { fail, ok, type Result } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { By } from '../audit/actor.js';
import type { Clock } from '../process/clock.js';
import { ChangeFollower } from '../servers/changeFollower.js';
import type { Store } from '../store/store.js';

/** What an administrator can change while the server runs; the rest is in `server.toml`. */
export const RuntimeSettingValues = z.strictObject({
  /** Groups (slugs) that new clients belong to, where none are named. */
  defaultGroups: z
    .array(z.string().regex(/^[a-z0-9-]{1,63}$/))
    .max(20)
    .default(['default']),
  /** How long an enrolment link can be redeemed. */
  enrolmentLifetimeHours: z.int().min(1).max(720).default(24),
  /** How long the audit log is kept; 0: for ever. */
  auditDays: z.int().min(0).max(36_500).default(730),
  /** How long before the end of a client or of its last certificate webhooks tell of it. */
  expiryNoticeDays: z.int().min(1).max(90).default(7),
});
export type RuntimeSettingValues = z.output<typeof RuntimeSettingValues>;

/** With a version that counts changes; 1 where nothing was ever changed. */
const Stored = z.object({ version: z.int(), values: RuntimeSettingValues });
type Stored = z.output<typeof Stored>;

const unchanged: Stored = { version: 1, values: RuntimeSettingValues.parse({}) };

/** Where it stands among the store's settings. */
const key = 'runtime';

export interface SettingsFailure {
  readonly code: 'API_VERSION_CONFLICT';
  readonly message: string;
}

export interface RuntimeSettingsOptions {
  readonly store: Pick<Store, 'settings' | 'atomically' | 'changes'>;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly logger: Logger;
}

/** The settings of the whole installation, in memory; they follow what other servers change. */
export class RuntimeSettings implements Disposable {
  readonly #options: RuntimeSettingsOptions;
  readonly #follower: ChangeFollower;
  #stored: Stored = unchanged;

  constructor(options: RuntimeSettingsOptions) {
    this.#options = options;
    this.#follower = new ChangeFollower({
      ...options,
      changes: options.store.changes,
      concerns: ({ kind, id }) => (kind === 'settings' && id === key ? 'everything' : null),
      readEverything: () => this.reload(),
    });
  }

  /** Reads what is stored; throws `StoreError`. */
  static async load(options: RuntimeSettingsOptions): Promise<RuntimeSettings> {
    const settings = new RuntimeSettings(options);
    await settings.reload();
    return settings;
  }

  get values(): RuntimeSettingValues {
    return this.#stored.values;
  }

  get version(): number {
    return this.#stored.version;
  }

  /** Reads them again, after another server changed them. Throws `StoreError`. */
  async reload(): Promise<void> {
    this.#stored = this.#parse(await this.#options.store.settings.get(key));
  }

  /**
   * Changes what is named, unless somebody did so since `version` (null: whatever the version).
   * Code: API_VERSION_CONFLICT. Throws `StoreError`.
   */
  async change(
    change: Partial<RuntimeSettingValues>,
    by: By,
  ): Promise<Result<RuntimeSettingValues, SettingsFailure>> {
    const { store, clock, logger } = this.#options;
    const changed = await store.atomically(async (repositories) => {
      const text = await repositories.settings.get(key);
      const before = this.#parse(text);
      if (by.version !== null && before.version !== by.version) return null;
      const next: Stored = { version: before.version + 1, values: { ...before.values, ...change } };
      if (!(await repositories.settings.replace(key, text, JSON.stringify(next)))) return null;
      await repositories.audit.insert({
        actor: by.actor,
        action: 'settings.update',
        targetKind: 'settings',
        target: 'settings',
        detail: { ...change },
        now: clock.now(),
      });
      await repositories.changes.publish({ kind: 'settings', id: key });
      return next;
    });
    if (changed === null) return fail({ code: 'API_VERSION_CONFLICT', message: 'read the settings again' });
    this.#stored = changed;
    logger.info({ settings: change }, 'settings changed');
    return ok(changed.values);
  }

  /** Resolves when nothing is being read because of other servers. */
  settled(): Promise<void> {
    return this.#follower.settled();
  }

  [Symbol.dispose](): void {
    this.#follower[Symbol.dispose]();
  }

  #parse(text: string | null): Stored {
    if (text === null) return unchanged;
    const parsed = Stored.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
    // Of a newer version, or edited by hand: better the defaults than no server.
    this.#options.logger.warn({ err: parsed.error }, 'stored settings are not understood: defaults are used');
    return unchanged;
  }
}
