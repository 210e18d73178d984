import type { Kysely, Selectable } from 'kysely';
import { countUp, nextRuleNumber, readCount } from './counters.js';
import type { Database, RuleTable } from './schema.js';
import { uuidV7 } from './uuid.js';

/** Whom a rule is about; ids are uuids. */
export type RuleSubject =
  | { readonly kind: 'everyone' }
  | { readonly kind: 'group'; readonly id: string }
  | { readonly kind: 'client'; readonly id: string }
  /** Hosts outside, towards clients. */
  | { readonly kind: 'prefixes'; readonly prefixes: readonly string[] };

/** Where to. `any`, `prefixes` and `name` never mean another client or what is behind it. */
export type RuleDestination =
  | { readonly kind: 'any' }
  | { readonly kind: 'prefixes'; readonly prefixes: readonly string[] }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'group'; readonly id: string }
  | { readonly kind: 'client'; readonly id: string };

/** Inclusive. */
export type PortRange = readonly [first: number, last: number];

/** What a rule says. */
export interface RuleContent {
  readonly enabled: boolean;
  readonly action: 'allow' | 'deny';
  readonly subject: RuleSubject;
  readonly destination: RuleDestination;
  /** IP protocol number; 0 is all, 1 is ICMP of both families. */
  readonly protocol: number;
  /** Destination ports of TCP or UDP; empty: all. */
  readonly ports: readonly PortRange[];
  readonly note: string | null;
}

/** A rule as stored. */
export interface RuleRecord extends RuleContent {
  /** UUIDv7. */
  readonly uuid: string;
  /** What the engine calls the rule; never used again. */
  readonly number: number;
  /** Rules are judged in this order. */
  readonly position: number;
  /** UTC milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Counts changes: the entity tag. */
  readonly version: number;
}

const listVersionKey = 'policy.list_version';

/** The one ordered list of rules. */
export class RuleRepository {
  readonly #database: Kysely<Database>;

  constructor(database: Kysely<Database>) {
    this.#database = database;
  }

  /** In the order in which they are judged. */
  async list(): Promise<readonly RuleRecord[]> {
    const rows = await this.#database
      .selectFrom('rules')
      .selectAll()
      .orderBy('position')
      .orderBy('number')
      .execute();
    return rows.map(toRuleRecord);
  }

  /** Version of the list as a whole. */
  listVersion(): Promise<number> {
    return readCount(this.#database, listVersionKey);
  }

  /** Call it first in every transaction that changes rules: it makes others wait. Returns the new version. */
  lock(): Promise<number> {
    return countUp(this.#database, listVersionKey);
  }

  /** For transactions that leave the rules as they are, but must not run beside one that changes them. */
  async hold(): Promise<void> {
    await countUp(this.#database, listVersionKey, 0);
  }

  async insert(rule: RuleContent & { readonly position: number; readonly now: number }): Promise<RuleRecord> {
    const now = Math.trunc(rule.now);
    const row = await this.#database
      .insertInto('rules')
      .values({
        uuid: uuidV7(now),
        number: await nextRuleNumber(this.#database),
        position: rule.position,
        created_at: now,
        updated_at: now,
        version: 1,
        ...columnsOf(rule),
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return toRuleRecord(row);
  }

  /** Null when there is no such rule of this version. */
  async update(
    uuid: string,
    rule: RuleContent & { readonly position: number },
    guard: { readonly version: number; readonly now: number },
  ): Promise<RuleRecord | null> {
    const row = await this.#database
      .updateTable('rules')
      .set({
        ...columnsOf(rule),
        position: rule.position,
        updated_at: Math.trunc(guard.now),
        version: guard.version + 1,
      })
      .where('uuid', '=', uuid)
      .where('version', '=', guard.version)
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? null : toRuleRecord(row);
  }

  /** Puts a rule elsewhere in the order; its content and version stay. */
  async move(uuid: string, position: number): Promise<void> {
    await this.#database.updateTable('rules').set({ position }).where('uuid', '=', uuid).execute();
  }

  async delete(uuids: readonly string[]): Promise<void> {
    if (uuids.length === 0) return;
    await this.#database.deleteFrom('rules').where('uuid', 'in', uuids).execute();
  }
}

function columnsOf(
  rule: RuleContent,
): Pick<
  Selectable<RuleTable>,
  'enabled' | 'action' | 'subject' | 'destination' | 'protocol' | 'ports' | 'note'
> {
  return {
    enabled: rule.enabled ? 1 : 0,
    action: rule.action,
    subject: JSON.stringify(rule.subject),
    destination: JSON.stringify(rule.destination),
    protocol: rule.protocol,
    ports: JSON.stringify(rule.ports),
    note: rule.note,
  };
}

function toRuleRecord(row: Selectable<RuleTable>): RuleRecord {
  return {
    uuid: row.uuid,
    number: row.number,
    position: row.position,
    enabled: row.enabled !== 0,
    action: row.action === 'allow' ? 'allow' : 'deny',
    subject: JSON.parse(row.subject) as RuleSubject,
    destination: JSON.parse(row.destination) as RuleDestination,
    protocol: row.protocol,
    ports: JSON.parse(row.ports) as readonly PortRange[],
    note: row.note,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
  };
}
