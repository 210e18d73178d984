import type { ClientRecord } from '../store/clients.js';
import type { ClientDirectory } from './directory.js';
import { SortedList } from './sortedList.js';
import { TextIndex } from './textIndex.js';

export const clientSorts = ['id', 'displayName', 'createdAt', 'expiresAt', 'lastConnectedAt'] as const;
export type ClientSort = (typeof clientSorts)[number];

/** Where a client stands in an order: the value it is ordered by, then its slug. */
export type ClientPlace = readonly [key: string | number, slug: string];

/** Which clients; null: does not matter. */
export interface ClientQuery {
  /** Part of slug, display name or note, whatever the case. */
  readonly text: string | null;
  /** Slug. */
  readonly group: string | null;
  readonly enabled: boolean | null;
  /** Whether it has an open session. */
  readonly online: boolean | null;
  readonly sort: ClientSort;
  readonly descending: boolean;
  /** Behind this one; null: from the beginning. */
  readonly after: ClientPlace | null;
  readonly limit: number;
}

export interface ClientSearchOptions {
  readonly directory: ClientDirectory;
  /** Slugs. */
  readonly groupsOf: (clientUuid: string) => readonly string[];
  readonly isOnline: (clientUuid: string) => boolean;
  /** Client (uuid) → start of its last session, UTC milliseconds. */
  readonly lastConnected: ReadonlyMap<string, number>;
}

/** Sorts behind every time. */
const never = Number.MAX_SAFE_INTEGER;

/** Finds clients in memory: a page costs what it shows, and what the filters skip. */
export class ClientSearch {
  readonly #options: ClientSearchOptions;
  readonly #lastConnected: Map<string, number>;
  /** Made when first asked for, kept in order from then on. */
  readonly #orders = new Map<ClientSort, SortedList<ClientPlace>>();
  readonly #texts = new TextIndex();

  constructor(options: ClientSearchOptions) {
    this.#options = options;
    this.#lastConnected = new Map(options.lastConnected);
    for (const client of options.directory.all()) this.#texts.put(client.slug, textOf(client));
    options.directory.listen({
      put: (client, before) => this.#put(client, before),
      removed: (client) => this.#removed(client),
    });
  }

  /** One client more than the limit, if there are more. */
  find(query: ClientQuery): readonly ClientRecord[] {
    const found: ClientRecord[] = [];
    const matching = query.text === null ? null : this.#texts.find(query.text);
    const list = this.#listFor(matching, query.sort);
    const { items } = list;
    const step = query.descending ? -1 : 1;
    for (let index = startIn(list, query); index >= 0 && index < items.length; index += step) {
      const slug = items[index]?.[1] ?? '';
      if (matching?.has(slug) === false) continue;
      const client = this.#options.directory.findBySlug(slug);
      if (client === null || !this.#matches(client, query)) continue;
      found.push(client);
      if (found.length > query.limit) break;
    }
    return found;
  }

  /** Where a client stands in an order. */
  placeOf(client: ClientRecord, sort: ClientSort): ClientPlace {
    return [this.#keyOf(client, sort), client.slug];
  }

  /** Start of its last session, UTC milliseconds; null: none is known. */
  lastConnectedAt(clientUuid: string): number | null {
    return this.#lastConnected.get(clientUuid) ?? null;
  }

  /** A client opened a session, which may be long ago; it need not be known yet, or any more. */
  connected(clientUuid: string, atMs: number): void {
    const before = this.#lastConnected.get(clientUuid) ?? 0;
    if (atMs <= before) return;
    this.#lastConnected.set(clientUuid, atMs);
    const order = this.#orders.get('lastConnectedAt');
    const client = this.#options.directory.findByUuid(clientUuid);
    if (order === undefined || client === null) return;
    order.remove([before, client.slug]);
    order.add([atMs, client.slug]);
  }

  #matches(client: ClientRecord, { group, enabled, online }: ClientQuery): boolean {
    const { groupsOf, isOnline } = this.#options;
    if (enabled !== null && client.enabled !== enabled) return false;
    if (online !== null && isOnline(client.uuid) !== online) return false;
    return group === null || groupsOf(client.uuid).includes(group);
  }

  /** A list in order with all that match, and perhaps more: few are sorted for themselves. */
  #listFor(matching: ReadonlySet<string> | null, sort: ClientSort): SortedList<ClientPlace> {
    const { directory } = this.#options;
    if (matching === null || matching.size * 16 > directory.counts().total) return this.#order(sort);
    const clients = [...matching].flatMap((slug) => directory.findBySlug(slug) ?? []);
    return new SortedList(
      comparePlaces,
      clients.map((client) => this.placeOf(client, sort)),
    );
  }

  #order(sort: ClientSort): SortedList<ClientPlace> {
    const known = this.#orders.get(sort);
    if (known !== undefined) return known;
    const places = [...this.#options.directory.all()].map((client) => this.placeOf(client, sort));
    const order = new SortedList(comparePlaces, places);
    this.#orders.set(sort, order);
    return order;
  }

  #put(client: ClientRecord, before: ClientRecord | null): void {
    this.#texts.put(client.slug, textOf(client));
    for (const [sort, order] of this.#orders) {
      if (before !== null) order.remove(this.placeOf(before, sort));
      order.add(this.placeOf(client, sort));
    }
  }

  #removed(client: ClientRecord): void {
    for (const [sort, order] of this.#orders) order.remove(this.placeOf(client, sort));
    this.#texts.delete(client.slug);
    this.#lastConnected.delete(client.uuid);
  }

  #keyOf(client: ClientRecord, sort: ClientSort): string | number {
    switch (sort) {
      case 'id':
        return client.slug;
      case 'displayName':
        return client.displayName.toLowerCase();
      case 'createdAt':
        return client.createdAt;
      case 'expiresAt':
        return client.expiresAt ?? never;
      case 'lastConnectedAt':
        return this.#lastConnected.get(client.uuid) ?? 0;
    }
  }
}

/** Index of the first client of a page. */
function startIn(list: SortedList<ClientPlace>, { descending, after }: ClientQuery): number {
  if (after === null) return descending ? list.items.length - 1 : 0;
  const place = list.placeOf(after);
  if (descending) return place - 1;
  const at = list.items[place];
  return at !== undefined && comparePlaces(at, after) === 0 ? place + 1 : place;
}

function comparePlaces(a: ClientPlace, b: ClientPlace): number {
  return compareValues(a[0], b[0]) || compareValues(a[1], b[1]);
}

function compareValues(a: string | number, b: string | number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function textOf({ slug, displayName, note }: ClientRecord): string {
  return `${slug}\n${displayName}\n${note ?? ''}`;
}
