import type { Kysely, Selectable } from 'kysely';
import { actorKinds, type Actor } from '../audit/actor.js';
import type { AuditTable, Database } from './schema.js';
import { uuidV7 } from './uuid.js';

/** Values of JSON. */
export type AuditDetail =
  string | number | boolean | null | readonly AuditDetail[] | { readonly [name: string]: AuditDetail };

/** One change, or one attempt worth remembering. */
export interface AuditEntry {
  /** UUIDv7: sorts by time. */
  readonly uuid: string;
  /** UTC milliseconds. */
  readonly at: number;
  readonly actor: Actor;
  /** `noun.verb`, as `client.update`. */
  readonly action: string;
  /** What it was done to: `client`, `group`, `administrator` … and its name. */
  readonly targetKind: string;
  readonly target: string;
  /** What exactly; never a secret. */
  readonly detail: Readonly<Record<string, AuditDetail>>;
}

export interface NewAuditEntry extends Omit<AuditEntry, 'uuid' | 'at' | 'detail'> {
  readonly detail?: Readonly<Record<string, AuditDetail>>;
  /** UTC milliseconds. */
  readonly now: number;
}

/** Which entries; what is absent does not matter. */
export interface AuditQuery {
  /** Name of the actor, exactly. */
  readonly actor?: string;
  /** `client.update`, or `client.` for everything about clients. */
  readonly action?: string;
  readonly targetKind?: string;
  readonly target?: string;
  /** UTC milliseconds, the first included, the second not. */
  readonly from?: number;
  readonly until?: number;
  /** The uuid of the last entry of the page before. */
  readonly before?: string;
  /** Default: 100. */
  readonly limit?: number;
}

/** Who did what, when. Entries are never changed. */
export class AuditRepository {
  readonly #database: Kysely<Database>;
  readonly #onInsert: (entry: AuditEntry) => void;

  constructor(database: Kysely<Database>, onInsert: (entry: AuditEntry) => void = () => undefined) {
    this.#database = database;
    this.#onInsert = onInsert;
  }

  /** Belongs into the transaction of what it tells of. */
  async insert(entry: NewAuditEntry): Promise<AuditEntry> {
    const row = {
      uuid: uuidV7(entry.now),
      at: Math.trunc(entry.now),
      actor_kind: entry.actor.kind,
      actor: entry.actor.name,
      remote_address: entry.actor.remoteAddress,
      action: entry.action,
      target_kind: entry.targetKind,
      target: entry.target,
      detail: JSON.stringify(entry.detail ?? {}),
    };
    await this.#database.insertInto('audit').values(row).execute();
    const inserted = toAuditEntry(row);
    this.#onInsert(inserted);
    return inserted;
  }

  /** Newest first. */
  async list(query: AuditQuery = {}): Promise<readonly AuditEntry[]> {
    let select = this.#database.selectFrom('audit').selectAll();
    if (query.actor !== undefined) select = select.where('actor', '=', query.actor);
    if (query.action?.endsWith('.') === true) {
      select = select.where('action', '>=', query.action).where('action', '<', afterPrefix(query.action));
    } else if (query.action !== undefined) select = select.where('action', '=', query.action);
    if (query.targetKind !== undefined) select = select.where('target_kind', '=', query.targetKind);
    if (query.target !== undefined) select = select.where('target', '=', query.target);
    if (query.from !== undefined) select = select.where('uuid', '>=', firstUuidOf(query.from));
    if (query.until !== undefined) select = select.where('uuid', '<', firstUuidOf(query.until));
    if (query.before !== undefined) select = select.where('uuid', '<', query.before);
    const rows = await select
      .orderBy('uuid', 'desc')
      .limit(query.limit ?? 100)
      .execute();
    return rows.map(toAuditEntry);
  }

  /** Deletes entries older than `before` (UTC milliseconds); returns how many. */
  async prune(before: number): Promise<number> {
    const result = await this.#database
      .deleteFrom('audit')
      .where('uuid', '<', firstUuidOf(before))
      .executeTakeFirst();
    return Number(result.numDeletedRows);
  }
}

/** Sorts after everything that begins with `client.`: `/` follows `.`. */
function afterPrefix(action: string): string {
  return `${action.slice(0, -1)}/`;
}

/** Sorts before every UUIDv7 of this millisecond and after those of the one before: the index is by uuid. */
function firstUuidOf(time: number): string {
  const hex = Math.max(0, Math.trunc(time)).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-`;
}

function toAuditEntry(row: Selectable<AuditTable>): AuditEntry {
  return {
    uuid: row.uuid,
    at: row.at,
    actor: {
      kind: actorKinds.find((kind) => kind === row.actor_kind) ?? 'system',
      name: row.actor,
      remoteAddress: row.remote_address,
    },
    action: row.action,
    targetKind: row.target_kind,
    target: row.target,
    detail: JSON.parse(row.detail) as AuditEntry['detail'],
  };
}
